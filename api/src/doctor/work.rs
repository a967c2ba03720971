//! Background work: does what waits get done?

use std::sync::Arc;

use niangjia_domain::{
    audit::AuditSealer,
    jobs::JobLease,
    kernel::{Backlog, Clock, cause},
    outbox::Dispatcher,
    store::Store,
};

use super::{Finding, PATIENCE};
use crate::{config::Config, wiring};

/// Everything is delivered and sealed within seconds; what waits longer is stuck.
const TOO_LONG_SECONDS: u64 = 300;
const STUCK: &str = "is a server running? `niangjia jobs list` shows who does it and why it failed";

/// Silent where the database is not there yet: its own line says so.
pub(super) async fn examine(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let file = config.database.sqlite_file();
    if file.is_some_and(|file| !file.exists()) {
        return Vec::new();
    }
    let mend = "first see to the lines on the database and its schema";
    match tokio::time::timeout(PATIENCE, ask(config, clock)).await {
        Ok(Ok(findings)) => findings,
        Ok(Err(error)) => {
            let text = format!("cannot be looked at: {}", cause::chain(&*error));
            vec![Finding::warn("jobs", text, mend)]
        }
        Err(_) => vec![Finding::warn(
            "jobs",
            "cannot be looked at: no answer",
            mend,
        )],
    }
}

async fn ask(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Finding>, Box<dyn std::error::Error + Send + Sync>> {
    let store: Arc<dyn Store> = Arc::new(wiring::open_store(config).await?);
    let dispatcher = Dispatcher {
        store: store.clone(),
        clock: clock.clone(),
        channels: Vec::new(),
    };
    let (outbox, dead_letters) = dispatcher.backlog().await?;
    let sealer = AuditSealer {
        store: store.clone(),
    };
    let unsealed = sealer.backlog().await?;
    let leases = store.read().await?.jobs().list().await?;
    Ok(vec![
        judge_outbox(&outbox, dead_letters, &**clock),
        judge_backlog("audit", "lines are not sealed yet", &unsealed, &**clock),
        judge_jobs(&leases, &**clock),
    ])
}

fn judge_outbox(outbox: &Backlog, dead_letters: u64, clock: &dyn Clock) -> Finding {
    if dead_letters > 0 {
        let text = format!("{dead_letters} events could not be delivered and were set aside");
        let mend = "outbox_events.last_failure says why; mend that, then send them again";
        return Finding::warn("outbox", text, mend);
    }
    judge_backlog("outbox", "events wait for delivery", outbox, clock)
}

fn judge_backlog(about: &'static str, what: &str, backlog: &Backlog, clock: &dyn Clock) -> Finding {
    let oldest_seconds = backlog.oldest_seconds(clock.now());
    let text = format!(
        "{} {what}, the oldest for {oldest_seconds} s",
        backlog.waiting
    );
    match oldest_seconds {
        _ if backlog.waiting == 0 => Finding::ok(about, format!("0 {what}")),
        ..TOO_LONG_SECONDS => Finding::ok(about, text),
        _ => Finding::warn(about, text, STUCK),
    }
}

fn judge_jobs(leases: &[JobLease], clock: &dyn Clock) -> Finding {
    let now = clock.now();
    let failing: Vec<_> = leases
        .iter()
        .filter_map(|lease| Some(format!("{}: {}", lease.job, lease.trouble()?.cause)))
        .collect();
    if !failing.is_empty() {
        return Finding::warn("jobs", failing.join("; "), STUCK);
    }
    let led = leases.iter().filter(|lease| lease.leader_at(now).is_some());
    let text = format!(
        "{} have run, {} have a leader now",
        leases.len(),
        led.count()
    );
    Finding::ok("jobs", text)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use niangjia_domain::jobs::JobFailure;

    use super::*;
    use crate::doctor::Health;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH + TimeDelta::hours(12)
        }
    }

    fn since(seconds: i64) -> Backlog {
        Backlog {
            waiting: 3,
            oldest_at: Some(Noon.now() - TimeDelta::seconds(seconds)),
        }
    }

    #[test]
    fn what_waits_for_minutes_and_what_was_set_aside_are_warnings() {
        let judged = |backlog, dead| judge_outbox(&backlog, dead, &Noon).health;
        assert_eq!(judged(Backlog::default(), 0), Health::Ok);
        assert_eq!(judged(since(299), 0), Health::Ok);
        assert_eq!(judged(since(300), 0), Health::Warn);
        assert_eq!(judged(Backlog::default(), 1), Health::Warn);
    }

    #[test]
    fn a_job_that_fails_is_named_with_its_cause() {
        let mut lease = JobLease {
            job: "outbox_dispatch".to_owned(),
            leader: None,
            taken_at: Noon.now(),
            until: Noon.now(),
            runs: 1,
            failures: 1,
            last_success_at: None,
            last_failure: Some(JobFailure {
                at: Noon.now(),
                cause: "no such table".to_owned(),
            }),
        };
        let finding = judge_jobs(std::slice::from_ref(&lease), &Noon);
        assert_eq!(finding.health, Health::Warn);
        assert_eq!(finding.text, "outbox_dispatch: no such table");
        lease.last_success_at = Some(Noon.now());
        assert_eq!(judge_jobs(&[lease], &Noon).health, Health::Ok);
    }
}
