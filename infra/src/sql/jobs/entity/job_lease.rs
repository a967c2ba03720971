//! A row of `job_leases`.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    jobs::{JobFailure, JobLease},
    kernel::id::ProcessId,
    store::StoreError,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::sql::db::rows::corrupt;

#[derive(Debug, FromQueryResult)]
pub(crate) struct Model {
    job: String,
    leader: Option<Uuid>,
    taken_at: DateTime<Utc>,
    until: DateTime<Utc>,
    runs: i64,
    failures: i64,
    last_success_at: Option<DateTime<Utc>>,
    last_failure_at: Option<DateTime<Utc>>,
    last_failure: Option<String>,
}

impl Model {
    pub(crate) fn into_lease(self) -> Result<JobLease, StoreError> {
        let count = |many: i64| u64::try_from(many).map_err(|_| corrupt("job_leases", &self.job));
        let (runs, failures) = (count(self.runs)?, count(self.failures)?);
        let last_failure = self.last_failure_at.zip(self.last_failure);
        Ok(JobLease {
            job: self.job,
            leader: self.leader.map(ProcessId::from_uuid),
            taken_at: self.taken_at,
            until: self.until,
            runs,
            failures,
            last_success_at: self.last_success_at,
            last_failure: last_failure.map(|(at, cause)| JobFailure { at, cause }),
        })
    }
}
