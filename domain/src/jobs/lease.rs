//! Who leads a job, and what became of its last units.

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::id::ProcessId;

/// How long a job stays with a process that is heard of no more.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);
/// A leader renews its leases when no more than this is left of them: one write in five seconds.
pub const RENEW_WHEN_LEFT: TimeDelta = TimeDelta::seconds(10);

/// What the database knows of one job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobLease {
    pub job: String,
    /// Who leads it, or led it last; `None` after a leader stepped down.
    pub leader: Option<ProcessId>,
    /// Since when.
    pub taken_at: DateTime<Utc>,
    /// The lease ends then, unless it is renewed.
    pub until: DateTime<Utc>,
    /// Units that ended well, by all processes so far.
    pub runs: u64,
    /// Units that did not.
    pub failures: u64,
    pub last_success_at: Option<DateTime<Utc>>,
    pub last_failure: Option<JobFailure>,
}

impl JobLease {
    /// Whose job it is at this moment.
    pub fn leader_at(&self, now: DateTime<Utc>) -> Option<ProcessId> {
        self.leader.filter(|_| now < self.until)
    }

    /// Why it does not work at present: its last failure, unless a unit ended well since.
    pub fn trouble(&self) -> Option<&JobFailure> {
        self.last_failure.as_ref().filter(|failure| {
            self.last_success_at
                .is_none_or(|success_at| success_at < failure.at)
        })
    }
}

/// One unit that did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFailure {
    pub at: DateTime<Utc>,
    /// The error with its causes, for the operator; no personal data.
    pub cause: String,
}

/// What a leader did since it last said so.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobReport {
    pub job: String,
    pub runs: u64,
    pub failures: u64,
    pub last_success_at: Option<DateTime<Utc>>,
    pub last_failure: Option<JobFailure>,
}

impl JobReport {
    pub fn of(job: &str) -> Self {
        Self {
            job: job.to_owned(),
            ..Self::default()
        }
    }

    /// Counts a unit that ended well.
    pub fn succeeded(&mut self, at: DateTime<Utc>) {
        self.runs += 1;
        self.last_success_at = Some(at);
    }

    /// Counts a unit that did not.
    pub fn failed(&mut self, failure: JobFailure) {
        self.failures += 1;
        self.last_failure = Some(failure);
    }

    /// Puts an earlier report, which could not be handed in, before this one.
    pub fn after(&mut self, earlier: Self) {
        self.runs += earlier.runs;
        self.failures += earlier.failures;
        self.last_success_at = self.last_success_at.or(earlier.last_success_at);
        self.last_failure = self.last_failure.take().or(earlier.last_failure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn failure(second: i64) -> JobFailure {
        JobFailure {
            at: at(second),
            cause: format!("at {second}"),
        }
    }

    fn lease() -> JobLease {
        JobLease {
            job: "test".to_owned(),
            leader: Some(ProcessId::from_uuid(uuid::Uuid::from_u128(7))),
            taken_at: at(0),
            until: at(10),
            runs: 0,
            failures: 0,
            last_success_at: None,
            last_failure: None,
        }
    }

    #[test]
    fn a_lease_is_half_open_and_nobody_leads_after_it() {
        let lease = lease();
        assert_eq!(lease.leader_at(at(9)), lease.leader);
        assert_eq!(lease.leader_at(at(10)), None);
    }

    #[test]
    fn a_failure_is_trouble_until_a_unit_ends_well() {
        let mut lease = lease();
        assert_eq!(lease.trouble(), None);
        lease.last_failure = Some(failure(5));
        assert_eq!(lease.trouble(), Some(&failure(5)));
        lease.last_success_at = Some(at(4));
        assert_eq!(lease.trouble(), Some(&failure(5)));
        lease.last_success_at = Some(at(5));
        assert_eq!(lease.trouble(), None);
    }

    #[test]
    fn a_report_that_could_not_be_handed_in_is_not_lost() {
        let mut earlier = JobReport::of("test");
        earlier.succeeded(at(1));
        earlier.failed(failure(2));
        let mut report = JobReport::of("test");
        report.failed(failure(3));
        report.after(earlier);
        let expected = JobReport {
            job: "test".to_owned(),
            runs: 1,
            failures: 2,
            last_success_at: Some(at(1)),
            last_failure: Some(failure(3)),
        };
        assert_eq!(report, expected);
    }
}
