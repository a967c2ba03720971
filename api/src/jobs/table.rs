//! All jobs as a person reads them.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use niangjia_domain::{
    jobs::{JobFailure, JobLease},
    kernel::values::local_time::rfc3339,
};

use super::{Job, job::Failure, registry};
use crate::wiring::Services;

/// Reads what the database knows of every job.
pub async fn of(services: &Services) -> Result<Table, Failure> {
    let leases = services.leadership().leases().await?;
    let now = services.foundation.clock.now();
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    for job in registry::all() {
        let oldest = match job.oldest {
            Some(oldest) => Some(oldest(services.clone()).await?),
            None => None,
        };
        let lease = leases.iter().find(|lease| lease.job == job.name);
        lines.push(line(&job, lease, oldest, now));
    }
    Ok(Table(lines))
}

const HEADINGS: [&str; COLUMNS] = [
    "JOB",
    "EVERY",
    "LEADER",
    "LAST SUCCESS",
    "RUNS",
    "FAILURES",
    "OLDEST WAITS",
    "DOES",
    "LAST FAILURE",
];
const COLUMNS: usize = 9;

/// `oldest`: of jobs that can tell, whether something waits, and since when.
fn line<S>(
    job: &Job<S>,
    lease: Option<&JobLease>,
    oldest: Option<Option<DateTime<Utc>>>,
    now: DateTime<Utc>,
) -> [String; COLUMNS] {
    let leader = match lease.and_then(|lease| lease.leader_at(now)) {
        _ if job.is_everybodys => "everybody".to_owned(),
        Some(process) => process.to_string(),
        None => "nobody".to_owned(),
    };
    let waits = match oldest {
        Some(Some(at)) => short((now - at).to_std().unwrap_or_default()),
        Some(None) => "nothing".to_owned(),
        None => "-".to_owned(),
    };
    let instant = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), rfc3339);
    let failure = |failure: &JobFailure| format!("{} {}", rfc3339(failure.at), failure.cause);
    let last_failure = lease.and_then(|lease| lease.last_failure.as_ref());
    [
        job.name.to_owned(),
        short(job.period),
        leader,
        instant(lease.and_then(|lease| lease.last_success_at)),
        lease.map_or(0, |lease| lease.runs).to_string(),
        lease.map_or(0, |lease| lease.failures).to_string(),
        waits,
        job.does.to_owned(),
        last_failure.map_or_else(|| "-".to_owned(), failure),
    ]
}

/// `500ms`, `30s`, `5m`, `6h`, `3d`
fn short(length: Duration) -> String {
    const DAY: u64 = 86_400;
    match length.as_secs() {
        0 => format!("{}ms", length.as_millis()),
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3_600 => format!("{}m", seconds / 60),
        seconds @ ..DAY => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / DAY),
    }
}

/// Columns as wide as their widest cell.
pub struct Table(Vec<[String; COLUMNS]>);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.0.iter().map(|line| line[column].chars().count());
            cells.max().unwrap_or_default()
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        let shown = |line: &[String; COLUMNS]| {
            let cells = line.iter().zip(widths);
            let padded = cells.map(|(cell, width)| format!("{cell:width$}"));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let lines: Vec<_> = self.0.iter().map(shown).collect();
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use niangjia_domain::kernel::id::ProcessId;

    use super::*;

    #[test]
    fn a_job_is_one_line_with_its_leader_and_its_last_failure() {
        let job: Job<()> = Job::every(Duration::from_secs(300), "test", "does it", |()| {
            Box::pin(async { Ok(0) })
        });
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
        let leader = ProcessId::earliest_at(now);
        let lease = JobLease {
            job: "test".to_owned(),
            leader: Some(leader),
            taken_at: now,
            until: now + TimeDelta::seconds(1),
            runs: 12,
            failures: 3,
            last_success_at: Some(now),
            last_failure: Some(JobFailure {
                at: now,
                cause: "no such table".to_owned(),
            }),
        };
        let oldest = Some(Some(now - TimeDelta::minutes(7)));
        let cells = line(&job, Some(&lease), oldest, now);
        let at = "1970-01-10T08:00:00+08:00";
        let failure = format!("{at} no such table");
        let leader = leader.to_string();
        assert_eq!(
            cells,
            [
                "test", "5m", &leader, at, "12", "3", "7m", "does it", &failure
            ]
        );
        let never = line(&job, None, None, now);
        assert_eq!(
            never,
            ["test", "5m", "nobody", "-", "0", "0", "-", "does it", "-"]
        );
        let wide = Table(vec![HEADINGS.map(str::to_owned), never]).to_string();
        assert!(wide.contains("\ntest  5m     nobody  -"), "{wide}");
    }
}
