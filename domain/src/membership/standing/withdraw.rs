//! Leaving the union, or taking an application back. The number stays with the record and is never
//! given again (M5).

use super::record::Membership;
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor},
    membership::{MembershipService, error::MembershipError, news, view::MembershipView},
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
        let news = OutboxEvent::to(membership.account_id)
            .template(&news::WITHDRAWN)
            .with("union", &union.name)
            .about(membership.id);
        tx.outbox()
            .append(news.at(now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(MembershipView::new(&membership, &union))
    }
}
