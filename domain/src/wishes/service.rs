//! The one service of this context; its use cases are spread over the files beside it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    claims::wish_claim::{ClaimStatus, WishClaim},
    error::WishError,
    moderation::text_check::TextCheck,
    news::News,
    wish::Wish,
};
use crate::{
    audit::Deed,
    kernel::{
        Actor, Foundation,
        id::AccountId,
        ports::cache::{Cache, Namespace},
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    uploads::UploadService,
};

#[derive(Clone)]
pub struct WishService {
    pub foundation: Foundation,
    pub cache: Arc<dyn Cache>,
    pub texts: Arc<dyn TextCheck>,
    pub uploads: Arc<UploadService>,
}

impl WishService {
    /// Writes the wish's new state, or says that somebody was faster.
    pub(super) async fn save(&self, tx: &mut dyn Tx, wish: &Wish) -> Result<(), WishError> {
        if tx.wishes().save(wish).await? {
            Ok(())
        } else {
            Err(WishError::Changed)
        }
    }

    pub(super) async fn save_claim(
        &self,
        tx: &mut dyn Tx,
        claim: &WishClaim,
        from: ClaimStatus,
    ) -> Result<(), WishError> {
        if tx.wish_claims().save(claim, from).await? {
            Ok(())
        } else {
            Err(WishError::Changed)
        }
    }

    /// Tells somebody, once this transaction is committed.
    pub(super) async fn tell(
        &self,
        tx: &mut dyn Tx,
        recipient: AccountId,
        wish: &Wish,
        news: News<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let message = news
            .message(OutboxEvent::to(recipient))
            .with("wish", &wish.content.title)
            .about(wish.id);
        tx.outbox()
            .append(message.at(now, self.foundation.random()))
            .await
    }

    /// One line of the audit trail about a wish.
    pub(super) async fn record(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        wish: &Wish,
        action: &'static str,
        detail: serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let deed = Deed::new(action, wish.id)
            .within(wish.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await
    }

    /// The same for a background job.
    pub(super) async fn record_by_system(
        &self,
        tx: &mut dyn Tx,
        job: &str,
        wish: &Wish,
        action: &'static str,
        detail: serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let deed = Deed::new(action, wish.id)
            .within(wish.district)
            .with(detail);
        tx.audit()
            .append(deed.by_system(job, now, self.foundation.random()))
            .await
    }

    /// Commits what strangers can see, then forgets the wall as it was.
    pub(super) async fn commit_public(&self, tx: Box<dyn Tx>) -> Result<(), StoreError> {
        tx.commit().await?;
        self.cache.invalidate(Namespace::Wishes).await;
        Ok(())
    }
}
