//! One upsert decides who leads: it meets only rows that are the asker's own, given back, or past
//! their end.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    jobs::{JobLease, JobReport, ports::JobRepository},
    kernel::id::ProcessId,
    store::StoreError,
};
use sea_orm::{ConnectionTrait, Statement};

use super::entity::job_lease::Model;
use crate::sql::db::{
    bulk::{Cells, Rows, cell, models},
    error::store_error,
    store::SqlTx,
};

const TAKE: &str = "INSERT INTO job_leases (job, leader, taken_at, until, runs, failures) \
    SELECT t.job, $1, $2, $3, 0, 0 FROM {rows} WHERE true ORDER BY t.job \
    ON CONFLICT (job) DO UPDATE SET leader = excluded.leader, until = excluded.until, \
    taken_at = CASE WHEN job_leases.leader = excluded.leader THEN job_leases.taken_at \
    ELSE excluded.taken_at END \
    WHERE job_leases.leader = excluded.leader OR job_leases.leader IS NULL \
    OR job_leases.until <= excluded.taken_at RETURNING job";
const SUCCESSES: &str = "UPDATE job_leases SET runs = job_leases.runs + t.units, \
    last_success_at = t.at \
    FROM {rows} WHERE job_leases.job = t.job AND job_leases.leader = $1";
const FAILURES: &str = "UPDATE job_leases SET failures = job_leases.failures + t.units, \
    last_failure_at = t.at, last_failure = t.cause \
    FROM {rows} WHERE job_leases.job = t.job AND job_leases.leader = $1";

#[async_trait]
impl JobRepository for SqlTx {
    async fn take(
        &mut self,
        jobs: &[&str],
        process: ProcessId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let rows = Rows::default().texts("job", jobs.iter().map(|job| (*job).to_owned()));
        let values = [process.uuid().into(), now.into(), until.into()];
        self.query_rows(TAKE, values, rows)
            .await?
            .iter()
            .map(|row| cell(row, "job"))
            .collect()
    }

    async fn report(
        &mut self,
        process: ProcessId,
        reports: &[JobReport],
    ) -> Result<(), StoreError> {
        let leader = process.uuid();
        self.run_rows(SUCCESSES, [leader.into()], successes(reports))
            .await?;
        self.run_rows(FAILURES, [leader.into()], failures(reports))
            .await?;
        Ok(())
    }

    async fn release(&mut self, process: ProcessId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "UPDATE job_leases SET leader = NULL, until = $1 WHERE leader = $2";
        let values = [now.into(), process.uuid().into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let released = self.db().execute_raw(statement).await;
        Ok(released.map_err(store_error)?.rows_affected())
    }

    async fn list(&mut self) -> Result<Vec<JobLease>, StoreError> {
        let sql = "SELECT * FROM job_leases ORDER BY job";
        let statement = Statement::from_string(self.backend(), sql);
        let rows = self.db().query_all_raw(statement).await;
        models::<Model>(&rows.map_err(store_error)?)?
            .into_iter()
            .map(Model::into_lease)
            .collect()
    }
}

fn successes(reports: &[JobReport]) -> Rows {
    let with_success = || {
        reports
            .iter()
            .filter_map(|report| Some((report, report.last_success_at?)))
    };
    Rows::default()
        .texts("job", with_success().map(|(report, _)| report.job.clone()))
        .numbers("units", with_success().map(|(report, _)| many(report.runs)))
        .with(
            "at",
            Cells::Times(with_success().map(|(_, at)| at).collect()),
        )
}

fn failures(reports: &[JobReport]) -> Rows {
    let with_failure = || {
        reports
            .iter()
            .filter_map(|report| Some((report, report.last_failure.as_ref()?)))
    };
    Rows::default()
        .texts("job", with_failure().map(|(report, _)| report.job.clone()))
        .numbers(
            "units",
            with_failure().map(|(report, _)| many(report.failures)),
        )
        .with(
            "at",
            Cells::Times(with_failure().map(|(_, failure)| failure.at).collect()),
        )
        .texts(
            "cause",
            with_failure().map(|(_, failure)| failure.cause.clone()),
        )
}

fn many(units: u64) -> i64 {
    i64::try_from(units).unwrap_or(i64::MAX)
}
