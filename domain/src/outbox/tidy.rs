//! Delivered events are forgotten: what they told stands in inboxes and in the audit trail.

use chrono::TimeDelta;

use super::Dispatcher;
use crate::{kernel::Backlog, store::StoreError};

/// Delivered events stay this long, for people who look into what was told when.
pub const DELIVERED_KEPT: TimeDelta = TimeDelta::days(30);

impl Dispatcher {
    /// For a background job, up to `limit` events; returns how many went.
    pub async fn tidy(&self, limit: u64) -> Result<u64, StoreError> {
        let before = self.clock.now() - DELIVERED_KEPT;
        let mut tx = self.store.begin().await?;
        let forgotten = tx.outbox().forget_delivered_before(before, limit).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    /// What waits for delivery, and how many dead letters there are.
    pub async fn backlog(&self) -> Result<(Backlog, u64), StoreError> {
        let mut tx = self.store.read().await?;
        let backlog = tx.outbox().backlog().await?;
        Ok((backlog, tx.outbox().dead_letters().await?))
    }
}
