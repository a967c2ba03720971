//! Who holds which role, and taking one away: it is gone with the next request, and so are unused
//! invitations that its holder sent out.

use super::staff_grant::StaffGrant;
use crate::{
    identity::{IdentityError, IdentityService},
    kernel::{AccessError, Actor, Grant, Page, PageRequest, Role, id::GrantId},
};

impl IdentityService {
    pub async fn staff_grants(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<StaffGrant>, IdentityError> {
        let area = actor.require_cadre()?;
        let mut tx = self.foundation.read().await?;
        Ok(tx.grants().list(&area, page).await?)
    }

    pub async fn withdraw_grant(&self, actor: &Actor, id: GrantId) -> Result<(), IdentityError> {
        let area = actor.require_cadre()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let grant = tx
            .grants()
            .find(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        if grant.grant == Grant::Admin {
            actor.require(Role::Admin)?;
        }
        if !tx.grants().remove(id).await? {
            return Err(AccessError::NotFound.into());
        }
        tx.invitations()
            .void_unused_of(grant.account_id, now)
            .await?;
        let area = self.area_of(&mut *tx, &grant.grant).await?;
        let deed = grant.deed("grant.withdrawn").within(area);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
