//! Takes due events under a lease and delivers them kind by kind. What ends in this database goes
//! in one transaction together with its marks, and when that fails one by one, so that a bad one
//! holds up nobody; what ends elsewhere goes one by one outside any transaction. A process that
//! dies in between lets the lease run out; a second delivery to an inbox changes nothing.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Channel, InsideDelivery, OutboxEvent, OutsideDelivery, Undelivered};
use crate::{
    kernel::{Clock, cause},
    store::{Store, StoreError, Tx},
};

/// How long a dispatcher keeps events to itself: far longer than a batch takes.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How much of the lease may be spent on other people's servers; what is left over comes again.
const OUTSIDE: TimeDelta = TimeDelta::seconds(40);

/// Delivers what the outbox holds.
#[derive(Clone)]
pub struct Dispatcher {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// One a kind, in the order in which they are served.
    pub channels: Vec<Channel>,
}

impl Dispatcher {
    /// Delivers up to `limit` due events; tells how many arrived. One that cannot be delivered is
    /// noted, to be tried again later or set aside, and holds up nobody. What the database refused
    /// is returned after the others were delivered, so that somebody hears of it.
    pub async fn run_once(&self, limit: u64) -> Result<u64, StoreError> {
        let since = self.clock.now();
        let mut by_kind = BTreeMap::<String, Vec<OutboxEvent>>::new();
        for event in self.take(since, limit).await? {
            by_kind.entry(event.kind.clone()).or_default().push(event);
        }
        let (mut delivered, mut first_failure) = (0, None);
        for channel in &self.channels {
            let events = by_kind.remove(channel.kind()).unwrap_or_default();
            let done = match channel {
                Channel::Inside(to) => self.deliver_inside(&**to, &events).await,
                Channel::Outside(to) => self.deliver_outside(&**to, &events, since).await,
            };
            match done {
                Ok(count) => delivered += count,
                Err(error @ (StoreError::Unavailable(_) | StoreError::Locked { .. })) => {
                    return Err(error);
                }
                Err(error) => first_failure = first_failure.or(Some(error)),
            }
        }
        for (kind, events) in by_kind {
            // A process of another release may serve it.
            let nobody = Undelivered::Again(format!("nothing delivers the kind {kind}"));
            for event in &events {
                self.note_failure(event, &nobody).await?;
            }
        }
        first_failure.map_or(Ok(delivered), Err)
    }

    async fn take(&self, now: DateTime<Utc>, limit: u64) -> Result<Vec<OutboxEvent>, StoreError> {
        let mut tx = self.store.begin().await?;
        let events = tx.outbox().take_due(now, LEASE, limit).await?;
        tx.commit().await?;
        Ok(events)
    }

    async fn deliver_inside(
        &self,
        to: &dyn InsideDelivery,
        events: &[OutboxEvent],
    ) -> Result<u64, StoreError> {
        match self.deliver_together(to, events).await {
            Err(error @ StoreError::Unavailable(_)) => Err(error),
            Err(_) => self.deliver_singly(to, events).await,
            delivered => delivered,
        }
    }

    async fn deliver_singly(
        &self,
        to: &dyn InsideDelivery,
        events: &[OutboxEvent],
    ) -> Result<u64, StoreError> {
        let (mut delivered, mut first_failure) = (0, None);
        for event in events {
            match self.deliver_together(to, std::slice::from_ref(event)).await {
                Ok(one) => delivered += one,
                Err(error @ StoreError::Unavailable(_)) => return Err(error),
                Err(error) => {
                    let cause = Undelivered::Again(cause::chain(&error));
                    self.note_failure(event, &cause).await?;
                    first_failure.get_or_insert(error);
                }
            }
        }
        first_failure.map_or(Ok(delivered), Err)
    }

    async fn deliver_together(
        &self,
        to: &dyn InsideDelivery,
        events: &[OutboxEvent],
    ) -> Result<u64, StoreError> {
        if events.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let failed: BTreeMap<_, _> = to.deliver(&mut *tx, events).await?.into_iter().collect();
        let mut arrived = Vec::with_capacity(events.len());
        for event in events {
            match failed.get(&event.id) {
                Some(cause) => self.mark_failed(&mut *tx, event, cause).await?,
                None => arrived.push(event.id),
            }
        }
        tx.outbox().delivered(&arrived, self.clock.now()).await?;
        tx.commit().await?;
        Ok(arrived.len() as u64)
    }

    async fn deliver_outside(
        &self,
        to: &dyn OutsideDelivery,
        events: &[OutboxEvent],
        since: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut delivered = 0;
        for event in events {
            if self.clock.now() - since > OUTSIDE {
                break;
            }
            match to.deliver(event).await {
                Ok(()) => {
                    let mut tx = self.store.begin().await?;
                    let now = self.clock.now();
                    tx.outbox().delivered(&[event.id], now).await?;
                    tx.commit().await?;
                    delivered += 1;
                }
                Err(cause) => self.note_failure(event, &cause).await?,
            }
        }
        Ok(delivered)
    }

    async fn note_failure(
        &self,
        event: &OutboxEvent,
        cause: &Undelivered,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        self.mark_failed(&mut *tx, event, cause).await?;
        tx.commit().await
    }

    async fn mark_failed(
        &self,
        tx: &mut dyn Tx,
        event: &OutboxEvent,
        cause: &Undelivered,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let retry_at = match cause {
            Undelivered::Again(_) => event.next_try(now),
            Undelivered::Never(_) => None,
        };
        let reason = cause.to_string();
        tx.outbox().failed(event.id, retry_at, now, &reason).await
    }
}
