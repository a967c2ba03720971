//! When the oldest item came that waits for a job.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::job::Oldest;
use crate::wiring::Services;

pub(super) fn outbox(all: Services) -> BoxFuture<'static, Oldest> {
    Box::pin(async move { Ok(all.dispatcher.backlog().await?.0.oldest_at) })
}

pub(super) fn audit(all: Services) -> BoxFuture<'static, Oldest> {
    Box::pin(async move { Ok(all.sealer.backlog().await?.oldest_at) })
}

pub(super) fn wishes(all: Services) -> BoxFuture<'static, Oldest> {
    Box::pin(async move {
        let oldest = all
            .foundation
            .store
            .read()
            .await?
            .wishes()
            .list_unchecked(1)
            .await?;
        Ok(earliest(oldest.iter().map(|wish| wish.submitted_at)))
    })
}

pub(super) fn draws(all: Services) -> BoxFuture<'static, Oldest> {
    Box::pin(async move {
        let now = all.foundation.clock.now();
        let due = all
            .foundation
            .store
            .read()
            .await?
            .draws()
            .due(now, 1)
            .await?;
        Ok(earliest(due.iter().map(|draw| draw.draw_at)))
    })
}

pub(super) fn allotments(all: Services) -> BoxFuture<'static, Oldest> {
    Box::pin(async move {
        let now = all.foundation.clock.now();
        let due = all
            .foundation
            .store
            .read()
            .await?
            .allotment_runs()
            .due(now, 1)
            .await?;
        Ok(earliest(due.iter().map(|run| run.starts_at)))
    })
}

fn earliest(instants: impl Iterator<Item = DateTime<Utc>>) -> Option<DateTime<Utc>> {
    instants.min()
}
