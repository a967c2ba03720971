//! All jobs of this program. A unit does a bounded part and says how much it did; it is called
//! again, after a rest, while it finds something to do.

use std::time::Duration;

use niangjia_domain::kernel::idempotency;

use super::{backlogs, waiting};
use crate::wiring::{Services, announce};

type Job = super::Job<Services>;

/// How much a unit takes on.
const AT_ONCE: u64 = 100;
/// The same for what is one statement for all.
const ROWS_AT_ONCE: u64 = 500;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The job of this name.
pub fn find(name: &str) -> Option<Job> {
    all().find(|job| job.name == name)
}

pub fn all() -> impl Iterator<Item = Job> {
    [RECORDS, TASKS, IMPORTS, WISHES, VOUCHERS, BOOKS, TIDY]
        .into_iter()
        .flatten()
        .copied()
}

const RECORDS: &[Job] = &[
    Job::every(
        Duration::from_millis(500),
        "outbox_dispatch",
        "delivers what happened to the inboxes of those it concerns",
        |all| Box::pin(async move { Ok(all.dispatcher.run_once(ROWS_AT_ONCE).await?) }),
    )
    .waiting(waiting::outbox),
    Job::every(
        seconds(2),
        "audit_seal",
        "chains new lines of the audit trail",
        |all| Box::pin(async move { Ok(all.sealer.run_once(ROWS_AT_ONCE).await?) }),
    )
    .waiting(waiting::audit),
    Job::every(
        seconds(15),
        "backlogs_watch",
        "looks at what waits, for metrics and readiness; in every process",
        |all| Box::pin(backlogs::look(all)),
    )
    .everybodys(),
];

const TASKS: &[Job] = &[
    Job::every(
        seconds(10 * MINUTE),
        "tasks_remind",
        "reminds those who may decide before a task is due",
        |all| Box::pin(async move { Ok(all.tasks.remind(ROWS_AT_ONCE).await?) }),
    ),
    Job::every(
        seconds(10 * MINUTE),
        "tasks_escalate",
        "tells the area above of tasks that are overdue",
        |all| Box::pin(async move { Ok(all.tasks.escalate(ROWS_AT_ONCE).await?) }),
    ),
];

const IMPORTS: &[Job] = &[Job::every(
    seconds(2),
    "imports_run",
    "takes the rows of tables that offices handed in",
    |all| Box::pin(async move { Ok(all.imports.run_once().await?) }),
)];

const WISHES: &[Job] = &[
    Job::every(
        seconds(30),
        "wishes_check",
        "asks WeChat again about wishes that it has not judged",
        |all| Box::pin(async move { Ok(all.wishes.check_pending(AT_ONCE).await?) }),
    )
    .waiting(waiting::wishes),
    Job::every(
        seconds(MINUTE),
        "wish_claims_lapse",
        "reminds donors who are late, then gives their wishes back to the wall",
        |all| {
            Box::pin(async move {
                let reminded = all.wishes.remind_donors(AT_ONCE).await?;
                Ok(reminded + all.wishes.lapse_overdue(AT_ONCE).await?)
            })
        },
    ),
];

const VOUCHERS: &[Job] = &[
    Job::every(
        seconds(2),
        "voucher_draws",
        "draws lots where the hour has come",
        |all| Box::pin(async move { Ok(all.draws.run_due(AT_ONCE).await?) }),
    )
    .waiting(waiting::draws),
    Job::every(
        seconds(2),
        "voucher_allotments",
        "gives vouchers to the members of batches that ask nobody to come first",
        |all| Box::pin(async move { Ok(all.allotments.run_due(AT_ONCE).await?) }),
    )
    .waiting(waiting::allotments),
    Job::every(
        seconds(5),
        "voucher_recalls",
        "takes back the vouchers of recalls that were approved",
        |all| Box::pin(async move { Ok(all.recalls.run_open(AT_ONCE).await?) }),
    ),
    Job::every(
        seconds(5 * MINUTE),
        "vouchers_expire",
        "gives back the money of vouchers that expired and of cheap meals",
        |all| Box::pin(async move { Ok(all.vouchers.wallet.expire_unused(AT_ONCE).await?) }),
    ),
];

const BOOKS: &[Job] = &[
    Job::every(
        seconds(5 * MINUTE),
        "vouchers_watch_events",
        "looks for signs of collusion in new redemptions",
        |all| Box::pin(async move { Ok(all.collusion.watch_events().await?) }),
    ),
    Job::every(
        seconds(6 * HOUR),
        "vouchers_watch_habits",
        "looks for signs of collusion in habits",
        |all| Box::pin(async move { Ok(all.collusion.watch_habits().await?) }),
    ),
    Job::every(
        seconds(5 * MINUTE),
        "vouchers_reconcile",
        "checks once a night that every batch adds up",
        |all| {
            Box::pin(async move {
                if let Some(report) = all.reconciliations.nightly().await? {
                    announce(&report);
                }
                Ok(0)
            })
        },
    ),
];

/// What nobody will ask for again leaves in steps that hold nobody up. How long each is kept stands
/// beside its rule: `KEPT_HOURS`, `EXPIRED_SESSIONS_KEPT`, `SHORT_CODES_KEPT`, `DELIVERED_KEPT`,
/// `NOTICES_KEPT`, `UPLOAD_LIFE`.
const TIDY: &[Job] = &[
    Job::every(
        seconds(10 * MINUTE),
        "uploads_sweep",
        "deletes photos whose upload was given up",
        |all| Box::pin(async move { Ok(all.uploads.sweep().await?) }),
    ),
    Job::every(
        seconds(10 * MINUTE),
        "first_answers_forget",
        "forgets first answers after 48 hours",
        |all| {
            Box::pin(async move {
                let now = all.foundation.now();
                Ok(idempotency::forget_old(&*all.foundation.store, now, ROWS_AT_ONCE).await?)
            })
        },
    ),
    Job::every(
        seconds(10 * MINUTE),
        "short_codes_forget",
        "forgets short codes after an hour",
        |all| {
            Box::pin(async move { Ok(all.vouchers.wallet.forget_short_codes(ROWS_AT_ONCE).await?) })
        },
    ),
    Job::every(
        seconds(HOUR),
        "sign_ins_tidy",
        "forgets wrong tries that no longer count, and sessions a week after they ended",
        |all| Box::pin(async move { Ok(all.identity.tidy(ROWS_AT_ONCE).await?) }),
    ),
    Job::every(
        seconds(HOUR),
        "outbox_tidy",
        "forgets events 30 days after they happened, once they were delivered",
        |all| Box::pin(async move { Ok(all.dispatcher.tidy(ROWS_AT_ONCE).await?) }),
    ),
    Job::every(
        seconds(HOUR),
        "notices_tidy",
        "takes notices out of inboxes after a year",
        |all| Box::pin(async move { Ok(all.notices.tidy(ROWS_AT_ONCE).await?) }),
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_job_says_what_it_does() {
        let names: BTreeSet<_> = all().map(|job| job.name).collect();
        assert_eq!(names.len(), all().count());
        for job in all() {
            assert!(
                !job.does.is_empty() && !job.period.is_zero(),
                "{}",
                job.name
            );
            assert_eq!(find(job.name).map(|found| found.does), Some(job.does));
        }
        assert!(find("unheard_of").is_none());
    }
}
