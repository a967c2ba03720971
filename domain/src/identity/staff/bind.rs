//! Using an invitation: the signed-in account gains the role. The conditional update picks the one
//! winner.

use super::{
    invitation::{Invitation, InvitationCode, Unusable},
    staff_grant::StaffGrant,
};
use crate::{
    audit::{Area, Deed},
    identity::{AccountView, IdentityError, IdentityService},
    kernel::{Actor, id::GrantId},
    store::{StoreError, Tx},
};

impl IdentityService {
    /// Using one's own used invitation again changes nothing and answers the same: the first answer
    /// may be lost.
    pub async fn bind_staff(
        &self,
        actor: &Actor,
        code: &str,
    ) -> Result<AccountView, IdentityError> {
        self.throttle(
            "staff-binding",
            &actor.account_id.to_string(),
            self.limits.per_account,
        )
        .await?;
        let code = InvitationCode::parse(code).ok_or(IdentityError::InvitationUnknown)?;
        let mut tx = self.foundation.begin().await?;
        let invitation = tx
            .invitations()
            .find_by_code(&code)
            .await?
            .ok_or(IdentityError::InvitationUnknown)?;
        self.consume(&mut *tx, actor, &invitation).await?;
        let view = self.view(&mut *tx, actor.account_id).await?;
        tx.commit().await?;
        Ok(view)
    }

    async fn consume(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        invitation: &Invitation,
    ) -> Result<(), IdentityError> {
        let now = self.foundation.now();
        invitation.usable_by(actor.account_id, now)?;
        if invitation.used_by.is_some() {
            return Ok(());
        }
        if !tx
            .invitations()
            .consume(invitation.id, actor.account_id, now)
            .await?
        {
            return Err(IdentityError::InvitationUsed);
        }
        let area = self.area_of(tx, &invitation.grant).await?;
        let deed = Deed::new("invitation.used", invitation.id).within(area);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        self.bind(tx, actor, invitation, area).await?;
        Ok(())
    }

    async fn bind(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        invitation: &Invitation,
        area: Area,
    ) -> Result<(), StoreError> {
        let now = self.foundation.now();
        let grant = StaffGrant {
            id: GrantId::generate(now, self.foundation.random()),
            account_id: actor.account_id,
            grant: invitation.grant,
            granted_at: now,
        };
        if tx.grants().add(&grant).await? {
            let deed = grant.deed("grant.added").within(area);
            tx.audit()
                .append(deed.by(actor, now, self.foundation.random()))
                .await?;
        }
        Ok(())
    }
}

impl From<Unusable> for IdentityError {
    fn from(reason: Unusable) -> Self {
        match reason {
            Unusable::Expired => Self::InvitationExpired,
            Unusable::Used => Self::InvitationUsed,
        }
    }
}
