//! Ways of delivery, one a kind of event. A new one is a new implementation and a line where the
//! house is put together.

use std::sync::Arc;

use async_trait::async_trait;

use super::OutboxEvent;
use crate::{
    kernel::id::OutboxEventId,
    store::{StoreError, Tx},
};

/// Why an event did not arrive, in words for an administrator: no name, number or text of anybody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It may work later.
    #[error("{0}")]
    Again(String),
    /// It will never work as it is.
    #[error("{0}")]
    Never(String),
}

/// A kind that ends in this database: many events in one transaction, together with their marks.
#[async_trait]
pub trait InsideDelivery: Send + Sync {
    /// The events it delivers.
    fn kind(&self) -> &'static str;
    /// Delivers, and says which ones it could not. An event that was delivered before changes
    /// nothing. An error means that none of them was delivered.
    async fn deliver(
        &self,
        tx: &mut dyn Tx,
        events: &[OutboxEvent],
    ) -> Result<Vec<(OutboxEventId, Undelivered)>, StoreError>;
}

/// A kind that ends on somebody else's server: one event after the other, outside any transaction.
#[async_trait]
pub trait OutsideDelivery: Send + Sync {
    /// The events it delivers.
    fn kind(&self) -> &'static str;
    /// Delivers one, within a time limit of its own of a few seconds. After a crash the same event
    /// comes again.
    async fn deliver(&self, event: &OutboxEvent) -> Result<(), Undelivered>;
}

/// Where events of one kind go.
#[derive(Clone)]
pub enum Channel {
    Inside(Arc<dyn InsideDelivery>),
    Outside(Arc<dyn OutsideDelivery>),
}

impl Channel {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Inside(delivery) => delivery.kind(),
            Self::Outside(delivery) => delivery.kind(),
        }
    }
}
