//! Takes due events under a lease and delivers them in one transaction together with their marks;
//! when that fails, one by one, so that a bad one holds up nobody. A process that dies in between
//! lets the lease run out; the second delivery of an event changes nothing.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Delivery, OutboxEvent};
use crate::{
    kernel::{Clock, cause},
    notices::Notice,
    store::{Store, StoreError},
};

/// How long a dispatcher keeps events to itself: far longer than a batch takes.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Delivers what the outbox holds.
#[derive(Clone)]
pub struct Dispatcher {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
}

impl Dispatcher {
    /// Delivers up to `limit` due events; tells how many arrived. One that cannot be delivered is
    /// noted, to be tried again later or set aside, and holds up nobody; after the others were
    /// delivered the first such error is returned, so that somebody hears of it.
    pub async fn run_once(&self, limit: u64) -> Result<u64, StoreError> {
        let events = self.take(limit).await?;
        match self.deliver(&events).await {
            Ok(()) => Ok(events.len() as u64),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Locked { .. })) => Err(error),
            Err(_) => self.deliver_singly(&events).await,
        }
    }

    async fn deliver_singly(&self, events: &[OutboxEvent]) -> Result<u64, StoreError> {
        let mut first_failure = None;
        for event in events {
            match self.deliver(std::slice::from_ref(event)).await {
                Ok(()) => {}
                Err(error @ (StoreError::Unavailable(_) | StoreError::Locked { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    self.note_failure(event, &error).await?;
                    first_failure.get_or_insert(error);
                }
            }
        }
        first_failure.map_or(Ok(events.len() as u64), Err)
    }

    async fn take(&self, limit: u64) -> Result<Vec<OutboxEvent>, StoreError> {
        let mut tx = self.store.begin().await?;
        let events = tx.outbox().take_due(self.clock.now(), LEASE, limit).await?;
        tx.commit().await?;
        Ok(events)
    }

    async fn deliver(&self, events: &[OutboxEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let notices: Vec<_> = events
            .iter()
            .map(|event| match &event.delivery {
                Delivery::Inbox { .. } => Notice::of(event),
            })
            .collect();
        tx.notices().deliver(&notices).await?;
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        tx.outbox().delivered(&ids, self.clock.now()).await?;
        tx.commit().await
    }

    async fn note_failure(
        &self,
        event: &OutboxEvent,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let retry_at = event.next_try(self.clock.now());
        tx.outbox()
            .failed(event.id, retry_at, &cause::chain(error))
            .await?;
        tx.commit().await
    }
}
