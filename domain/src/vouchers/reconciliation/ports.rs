//! Sums and contradictions, a page of batches at a time, and what each night found.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Contradiction, Reconciliation, Report, Stray};
use crate::{
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{ReconciliationId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::reconciliation::conservation::BatchSums,
};

/// Batches in order of id, `after < id ≤ to`: what one step looks at.
#[derive(Debug, Clone, Copy)]
pub struct BatchRange {
    pub after: Uuid,
    pub to: Uuid,
}

/// Rows of one batch that contradict others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradicting {
    pub batch_id: VoucherBatchId,
    pub rows: i64,
    pub example: Uuid,
}

/// A nightly run on its way.
#[derive(Debug, Clone, Copy)]
pub struct NightlyRun {
    pub id: ReconciliationId,
    pub day: NaiveDate,
    pub started_at: DateTime<Utc>,
}

#[async_trait]
pub trait ReconciliationRepository: Send {
    /// Both sides of the equations of up to `limit` counted batches behind `after`, in order of id,
    /// seen at one instant.
    async fn tallies(
        &mut self,
        after: Uuid,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<(VoucherBatchId, BatchSums)>, StoreError>;
    /// Batches of the range with such rows. `recent`: codes of scans since then are still kept.
    async fn contradicting(
        &mut self,
        what: Contradiction,
        range: BatchRange,
        recent: DateTime<Utc>,
    ) -> Result<Vec<Contradicting>, StoreError>;
    /// How many there are of what belongs to no batch.
    async fn stray(&mut self, what: Stray) -> Result<i64, StoreError>;
    /// Takes the run of a day, also from a process that began it before `abandoned` and never
    /// finished. The run's id, or `None` when it is another's or done.
    async fn start(
        &mut self,
        run: &NightlyRun,
        abandoned: DateTime<Utc>,
    ) -> Result<Option<ReconciliationId>, StoreError>;
    /// Keeps the result; `false` when the run was taken over meanwhile.
    async fn finish(
        &mut self,
        run: &NightlyRun,
        report: &Report,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Newest first, with the differences of the area's batches.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<Reconciliation>, StoreError>;
}
