//! Where events wait: taken under a lease, delivered once, or set aside.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{DeadLetter, OutboxEvent};
use crate::{
    kernel::{Backlog, Page, PageRequest, id::OutboxEventId},
    store::StoreError,
};

#[async_trait]
pub trait Outbox: Send {
    async fn append(&mut self, event: OutboxEvent) -> Result<(), StoreError> {
        self.append_all(vec![event]).await
    }
    async fn append_all(&mut self, events: Vec<OutboxEvent>) -> Result<(), StoreError>;
    /// Takes up to `limit` due events for `lease`; nobody else gets them meanwhile. Unreadable ones
    /// become dead letters.
    async fn take_due(
        &mut self,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: u64,
    ) -> Result<Vec<OutboxEvent>, StoreError>;
    async fn delivered(
        &mut self,
        ids: &[OutboxEventId],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
    /// Notes one more failure; `retry_at` of `None` makes it a dead letter. One that was delivered
    /// meanwhile stays delivered.
    async fn failed(
        &mut self,
        id: OutboxEventId,
        retry_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), StoreError>;
    /// What is neither delivered nor dead.
    async fn backlog(&mut self) -> Result<Backlog, StoreError>;
    /// How many were set aside.
    async fn dead_letters(&mut self) -> Result<u64, StoreError>;
    /// Forgets up to `limit` events from before `instant` that were delivered, oldest first;
    /// returns how many. Dead letters stay.
    async fn forget_delivered_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
    /// Dead letters, newest event first.
    async fn dead(&mut self, page: PageRequest) -> Result<Page<DeadLetter>, StoreError>;
    /// Makes a dead letter due at once, with all its tries before it; `false` when it is none.
    async fn revive(&mut self, id: OutboxEventId, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// Whether there is such an event, dead or not.
    async fn knows(&mut self, id: OutboxEventId) -> Result<bool, StoreError>;
}
