//! Leaving the union, or taking an application back. The number stays with the record and is never
//! given again (M5).

use super::record::Membership;
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor},
    membership::{MembershipService, error::MembershipError, view::MembershipView},
    outbox::OutboxEvent,
};

impl MembershipService {
    pub async fn withdraw(&self, actor: &Actor) -> Result<MembershipView, MembershipError> {
        let person = actor.person_id.ok_or(MembershipError::NoMembership)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let membership = tx
            .memberships()
            .live_of(person)
            .await?
            .ok_or(MembershipError::NoMembership)?;
        let union = tx
            .unions()
            .find(membership.filing.union_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let state = membership.state.clone().withdraw()?;
        self.drop_review(&mut *tx, membership.id, now).await?;
        let membership = self
            .saved(
                &mut *tx,
                Membership {
                    state,
                    ..membership
                },
            )
            .await?;
        let deed = Deed::new("membership.withdrawn", membership.id).within(union.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        let (title, body) = (
            "已退会",
            format!("您已退出{}，随时欢迎重新加入。", union.name),
        );
        let subject = Some(membership.id.to_string());
        let recipient = membership.account_id;
        let notice = OutboxEvent::inbox(
            recipient,
            "membership_withdrawn",
            title,
            body,
            subject,
            now,
            self.foundation.random(),
        );
        tx.outbox().append(notice).await?;
        tx.commit().await?;
        Ok(MembershipView::new(&membership, &union))
    }
}
