//! What could not be delivered: seen by administrators, without a word of what it says or to whom,
//! and sent again when the cause is gone.

use chrono::{DateTime, Utc};

use crate::{
    audit::{Area, Deed},
    kernel::{AccessError, Actor, Foundation, Page, PageRequest, Role, id::OutboxEventId},
    store::StoreError,
};

/// An event that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: OutboxEventId,
    /// Which way it was to be delivered.
    pub kind: String,
    /// Code of its template.
    pub template: String,
    /// Why the last try failed.
    pub reason: String,
    /// Failed tries.
    pub attempts: u32,
    /// When what it reports happened.
    pub created_at: DateTime<Utc>,
    /// Dead since.
    pub since: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// It was delivered, or waits for its next try.
    #[error("the event is no dead letter")]
    NotDead,
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Use cases on dead letters.
#[derive(Clone)]
pub struct DeadLetterService {
    pub foundation: Foundation,
}

impl DeadLetterService {
    /// Newest event first.
    pub async fn list(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<DeadLetter>, OutboxError> {
        actor.require(Role::Admin)?;
        let mut tx = self.foundation.read().await?;
        Ok(tx.outbox().dead(page).await?)
    }

    /// Makes it due again, with all its tries before it.
    pub async fn retry(&self, actor: &Actor, id: OutboxEventId) -> Result<(), OutboxError> {
        actor.require(Role::Admin)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if !tx.outbox().revive(id, now).await? {
            return Err(match tx.outbox().knows(id).await? {
                true => OutboxError::NotDead,
                false => AccessError::NotFound.into(),
            });
        }
        let deed = Deed::new("dead_letter.retried", id).within(Area::Everywhere);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
