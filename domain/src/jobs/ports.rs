//! Where leases are kept: one conditional write decides who leads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{JobLease, JobReport};
use crate::{kernel::id::ProcessId, store::StoreError};

#[async_trait]
pub trait JobRepository: Send {
    /// Makes `process` the leader until `until` of those `jobs` that it leads already or that
    /// nobody leads at `now`. Returns which: of several who ask for one job at once, one gets it.
    async fn take(
        &mut self,
        jobs: &[&str],
        process: ProcessId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError>;
    /// Adds what the leader did; reports on jobs that `process` does not lead are dropped.
    async fn report(&mut self, process: ProcessId, reports: &[JobReport])
    -> Result<(), StoreError>;
    /// Leaves all jobs of `process` to whoever comes first; returns how many.
    async fn release(&mut self, process: ProcessId, now: DateTime<Utc>) -> Result<u64, StoreError>;
    /// All jobs that were ever led, by name.
    async fn list(&mut self) -> Result<Vec<JobLease>, StoreError>;
}
