//! What this process leads at present. Asking costs nothing: only [`Leases::tend`] talks to the
//! database, and it writes only to renew what is led or to take what is vacant.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use niangjia_domain::{
    jobs::{JobFailure, JobReport, Leadership, RENEW_WHEN_LEFT},
    kernel::cause,
    store::StoreError,
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::Trouble;

/// How often a process looks whether a lease is to be renewed, or a job vacant.
pub const ASK_EVERY: Duration = Duration::from_secs(1);

pub struct Leases {
    leadership: Leadership,
    jobs: Vec<&'static str>,
    held: Mutex<Held>,
    /// Says that there is more to lead than before.
    taken: watch::Sender<()>,
}

#[derive(Default)]
struct Held {
    jobs: BTreeSet<&'static str>,
    until: DateTime<Utc>,
    /// What was done and not handed in yet.
    reports: BTreeMap<&'static str, JobReport>,
}

impl Leases {
    /// Leads nothing yet.
    pub fn new(leadership: Leadership, jobs: Vec<&'static str>) -> Self {
        Self {
            leadership,
            jobs,
            held: Mutex::default(),
            taken: watch::channel(()).0,
        }
    }

    /// Whether this process leads the job now.
    pub fn leads(&self, job: &str) -> bool {
        let held = self.held();
        held.jobs.contains(job) && self.leadership.clock.now() < held.until
    }

    /// Comes back once this process leads the job.
    pub async fn led(&self, job: &str) {
        let mut taken = self.taken.subscribe();
        while !self.leads(job) {
            if taken.changed().await.is_err() {
                return;
            }
        }
    }

    /// Counts a unit; the next renewal hands it in, unless it is a job that nobody leads.
    pub fn count(&self, job: &'static str, result: &Result<u64, String>) {
        let at = self.leadership.clock.now();
        if result.is_ok() {
            metrics::gauge!("job_last_success_timestamp_seconds", "job" => job)
                .set(at.timestamp() as f64);
        }
        if !self.jobs.contains(&job) {
            return;
        }
        let mut held = self.held();
        let report = held
            .reports
            .entry(job)
            .or_insert_with(|| JobReport::of(job));
        match result {
            Ok(_) => report.succeeded(at),
            Err(cause) => report.failed(JobFailure {
                at,
                cause: cause.clone(),
            }),
        }
    }

    /// Tends to the leases, on and on. Without a database this process leads nothing once they end.
    pub async fn keep(&self) {
        let mut ticks = interval(ASK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut trouble = Trouble::default();
        loop {
            ticks.tick().await;
            let tended = self.tend().await.map(|()| 0);
            trouble.note("leases", &tended.map_err(|error| cause::chain(&error)));
        }
    }

    /// Renews what is led when it is time to, and takes what nobody leads.
    pub async fn tend(&self) -> Result<(), StoreError> {
        let now = self.leadership.clock.now();
        let (mut wanted, is_due) = {
            let mut held = self.held();
            if held.until <= now {
                held.jobs.clear();
            }
            let is_due = !held.jobs.is_empty() && held.until - now <= RENEW_WHEN_LEFT;
            (held.jobs.iter().copied().collect::<Vec<_>>(), is_due)
        };
        let others: Vec<_> = self
            .jobs
            .iter()
            .copied()
            .filter(|job| !wanted.contains(job))
            .collect();
        let vacant = match others.is_empty() {
            true => Vec::new(),
            false => self.leadership.vacant(&others).await?,
        };
        if !is_due && vacant.is_empty() {
            return Ok(());
        }
        wanted.extend(vacant);
        self.lead(&wanted).await
    }

    async fn lead(&self, wanted: &[&'static str]) -> Result<(), StoreError> {
        let reports = std::mem::take(&mut self.held().reports);
        let said: Vec<_> = reports.values().cloned().collect();
        let led = match self.leadership.lead(wanted, &said).await {
            Ok(led) => led,
            Err(error) => {
                self.held().put_back(reports);
                return Err(error);
            }
        };
        let mut held = self.held();
        held.until = led.until;
        held.jobs = wanted
            .iter()
            .copied()
            .filter(|job| led.jobs.iter().any(|one| one == job))
            .collect();
        drop(held);
        self.taken.send_replace(());
        Ok(())
    }

    /// Leaves everything to others, at once.
    pub async fn step_down(&self) -> Result<(), StoreError> {
        let held = std::mem::take(&mut *self.held());
        let reports: Vec<_> = held.reports.into_values().collect();
        self.leadership.step_down(&reports).await
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn put_back(&mut self, earlier: BTreeMap<&'static str, JobReport>) {
        for (job, report) in earlier {
            self.reports
                .entry(job)
                .or_insert_with(|| JobReport::of(job))
                .after(report);
        }
    }
}
