//! One process's part in who leads which job.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{JobLease, JobReport, LEASE};
use crate::{
    kernel::{Clock, id::ProcessId},
    store::{Store, StoreError},
};

/// Use cases of one process.
#[derive(Clone)]
pub struct Leadership {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// Drawn anew at every start.
    pub process: ProcessId,
}

/// What this process leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Led {
    pub jobs: Vec<String>,
    pub until: DateTime<Utc>,
}

impl Leadership {
    /// Those of `jobs` that nobody leads now. Asks the read path: waiting for one's turn writes
    /// nothing.
    pub async fn vacant<'a>(&self, jobs: &[&'a str]) -> Result<Vec<&'a str>, StoreError> {
        let leases = self.leases().await?;
        let now = self.clock.now();
        let is_led = |job: &str| {
            let lease = leases.iter().find(|lease| lease.job == job);
            lease.is_some_and(|lease| lease.leader_at(now).is_some())
        };
        Ok(jobs.iter().copied().filter(|job| !is_led(job)).collect())
    }

    /// Takes or keeps `jobs` as far as nobody else leads them, and hands in what was done.
    pub async fn lead(&self, jobs: &[&str], reports: &[JobReport]) -> Result<Led, StoreError> {
        let now = self.clock.now();
        let until = now + LEASE;
        let mut tx = self.store.begin().await?;
        let jobs = tx.jobs().take(jobs, self.process, now, until).await?;
        tx.jobs().report(self.process, reports).await?;
        tx.commit().await?;
        Ok(Led { jobs, until })
    }

    /// Hands in what was done and leaves everything to whoever comes first.
    pub async fn step_down(&self, reports: &[JobReport]) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.jobs().report(self.process, reports).await?;
        tx.jobs().release(self.process, self.clock.now()).await?;
        tx.commit().await
    }

    /// All jobs that were ever led.
    pub async fn leases(&self) -> Result<Vec<JobLease>, StoreError> {
        self.store.read().await?.jobs().list().await
    }
}
