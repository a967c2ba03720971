//! Work that is too much for one transaction, done in rounds. What is due is listed; each run gets
//! one bounded transaction, whose first statement takes the run's row by compare-and-set, so that
//! one process has the round. A round commits whole or not at all, and what is left to do stands in
//! the database: a process that dies leaves nothing half done, and another goes on.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Foundation;
use crate::store::{StoreError, Tx};

/// How many runs are looked at in one go.
const RUNS: u64 = 20;

/// A kind of work that is done in rounds.
#[async_trait]
pub(crate) trait Rounds: Sync {
    /// What the database keeps of the work.
    type Run: Send + Sync;
    type Error: From<StoreError>;

    /// Up to `limit` runs with something to do.
    async fn due(
        &self,
        tx: &mut dyn Tx,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Self::Run>, StoreError>;

    /// Takes the round that follows the run as it was read; `false` when another process has it.
    async fn take(&self, tx: &mut dyn Tx, run: &Self::Run) -> Result<bool, StoreError>;

    /// One round of at most `limit` things; returns how much was done. `None` when nothing of the
    /// round holds.
    async fn work(
        &self,
        tx: &mut dyn Tx,
        run: Self::Run,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, Self::Error>;
}

/// One round for each run that is due; returns how much was done, so that a caller can go on until
/// there is nothing.
pub(crate) async fn run_due<R: Rounds>(
    foundation: &Foundation,
    rounds: &R,
    limit: u64,
) -> Result<u64, R::Error> {
    let mut tx = foundation.read().await?;
    let due = rounds.due(&mut *tx, foundation.now(), RUNS).await?;
    drop(tx);
    let mut total = 0;
    for run in due {
        let mut tx = foundation.begin().await?;
        if !rounds.take(&mut *tx, &run).await? {
            continue;
        }
        let now = foundation.now();
        if let Some(done) = rounds.work(&mut *tx, run, limit, now).await? {
            tx.commit().await?;
            total += done;
        }
    }
    Ok(total)
}
