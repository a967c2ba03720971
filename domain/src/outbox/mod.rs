//! What is to be delivered after commit. Rows are written in the transaction of the change they
//! report; a dispatcher delivers them at least once, with back-off, and sets hopeless ones aside as
//! dead letters.

pub mod dispatcher;
mod tidy;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        backlog::Backlog,
        id::{AccountId, OutboxEventId},
        ports::random::Random,
    },
    store::StoreError,
};

pub use dispatcher::Dispatcher;

/// Tries before an event is a dead letter.
pub const MAX_ATTEMPTS: u32 = 10;

/// Something to deliver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Delivery {
    /// A message for somebody's inbox. `topic` is `wish_published`; title and body are what people
    /// read.
    Inbox {
        recipient: AccountId,
        topic: String,
        title: String,
        body: String,
        /// TypeID of what it is about.
        subject: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEvent {
    pub id: OutboxEventId,
    pub created_at: DateTime<Utc>,
    pub delivery: Delivery,
    /// Failed tries so far.
    pub attempts: u32,
}

impl OutboxEvent {
    pub fn inbox(
        recipient: AccountId,
        topic: &str,
        title: &str,
        body: impl Into<String>,
        subject: Option<String>,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> Self {
        let delivery = Delivery::Inbox {
            recipient,
            topic: topic.to_owned(),
            title: title.to_owned(),
            body: body.into(),
            subject,
        };
        Self {
            id: OutboxEventId::generate(now, random),
            created_at: now,
            delivery,
            attempts: 0,
        }
    }

    /// When to try again after one more failure: 2, 4, 8 … seconds, an hour at most. `None`: set it
    /// aside.
    pub fn next_try(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let failed = self.attempts + 1;
        (failed < MAX_ATTEMPTS)
            .then(|| now + TimeDelta::seconds(i64::from(2u32.saturating_pow(failed)).min(3_600)))
    }
}

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
    /// Notes one more failure; `retry_at` of `None` makes it a dead letter.
    async fn failed(
        &mut self,
        id: OutboxEventId,
        retry_at: Option<DateTime<Utc>>,
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
}
