//! Which jobs run, and how often.

use std::time::Duration;

use niangjia_domain::{
    kernel::idempotency,
    vouchers::reconciliation::{Difference, Report},
};

use super::Services;
use crate::jobs::Jobs;

/// How much a job takes on at once.
const AT_ONCE: u64 = 100;
/// The same for what is one statement for all.
const ROWS_AT_ONCE: u64 = 500;

impl Services {
    pub fn start_jobs(&self) -> Jobs {
        let mut jobs = Jobs::default();
        self.start_record_keeping(&mut jobs);
        self.start_services(&mut jobs);
        self.start_distributions(&mut jobs);
        self.start_bookkeeping(&mut jobs);
        jobs
    }

    fn start_record_keeping(&self, jobs: &mut Jobs) {
        jobs.every(
            "outbox_dispatch",
            Duration::from_millis(500),
            &self.dispatcher,
            |dispatcher| async move { Ok(dispatcher.run_once(ROWS_AT_ONCE).await?) },
        );
        jobs.every(
            "audit_seal",
            Duration::from_secs(2),
            &self.sealer,
            |sealer| async move { Ok(sealer.run_once(ROWS_AT_ONCE).await?) },
        );
        jobs.every(
            "first_answers_forget",
            Duration::from_secs(3_600),
            self,
            |services| async move {
                Ok(idempotency::forget_old(
                    &*services.foundation.store,
                    services.foundation.clock.now(),
                )
                .await?)
            },
        );
        jobs.every(
            "sign_ins_tidy",
            Duration::from_secs(3_600),
            &self.identity,
            |identity| async move { Ok(identity.tidy().await?) },
        );
    }

    fn start_services(&self, jobs: &mut Jobs) {
        jobs.every(
            "wishes_check",
            Duration::from_secs(30),
            &self.wishes,
            |wishes| async move { Ok(wishes.check_pending(AT_ONCE).await?) },
        );
        jobs.every(
            "wish_claims_lapse",
            Duration::from_secs(60),
            &self.wishes,
            |wishes| async move {
                Ok(wishes.remind_donors(AT_ONCE).await? + wishes.lapse_overdue(AT_ONCE).await?)
            },
        );
        jobs.every(
            "imports_run",
            Duration::from_secs(2),
            &self.imports,
            |imports| async move { Ok(imports.run_once().await?) },
        );
        jobs.every(
            "uploads_sweep",
            Duration::from_secs(600),
            &self.uploads,
            |uploads| async move { Ok(uploads.sweep().await?) },
        );
        jobs.every(
            "vouchers_expire",
            Duration::from_secs(300),
            &self.vouchers.wallet,
            |wallet| async move { Ok(wallet.expire_unused(AT_ONCE).await?) },
        );
    }

    /// Draws, grants and recalls.
    fn start_distributions(&self, jobs: &mut Jobs) {
        jobs.every(
            "voucher_draws",
            Duration::from_secs(2),
            &self.draws,
            |draws| async move { Ok(draws.run_due(AT_ONCE).await?) },
        );
        jobs.every(
            "voucher_allotments",
            Duration::from_secs(2),
            &self.allotments,
            |allotments| async move { Ok(allotments.run_due(AT_ONCE).await?) },
        );
        jobs.every(
            "voucher_recalls",
            Duration::from_secs(5),
            &self.recalls,
            |recalls| async move { Ok(recalls.run_open(AT_ONCE).await?) },
        );
    }

    /// Looks after the vouchers' books.
    fn start_bookkeeping(&self, jobs: &mut Jobs) {
        jobs.every(
            "vouchers_watch_events",
            Duration::from_secs(300),
            &self.collusion,
            |collusion| async move { Ok(collusion.watch_events().await?) },
        );
        jobs.every(
            "vouchers_watch_habits",
            Duration::from_secs(6 * 3_600),
            &self.collusion,
            |collusion| async move { Ok(collusion.watch_habits().await?) },
        );
        let pause = Duration::from_secs(600);
        jobs.every(
            "suspensions_escalate",
            pause,
            &self.collusion,
            |collusion| async move { Ok(collusion.escalate_overdue(ROWS_AT_ONCE).await?) },
        );
        jobs.every(
            "disputed_scans_escalate",
            pause,
            &self.offline,
            |offline| async move { Ok(offline.escalate_overdue(ROWS_AT_ONCE).await?) },
        );
        jobs.every(
            "vouchers_reconcile",
            Duration::from_secs(300),
            &self.reconciliations,
            |books| async move {
                if let Some(report) = books.nightly().await? {
                    announce(&report);
                }
                Ok(0)
            },
        );
    }
}

/// A difference is for people: it is logged as an error and stands in the metrics until a night
/// without any.
fn announce(report: &Report) {
    metrics::gauge!("reconciliation_differences").set(report.found as f64);
    for Difference {
        batch_id,
        equation,
        left,
        right,
        example,
    } in &report.differences
    {
        let batch = batch_id.map(|id| id.to_string());
        tracing::error!(batch, equation, left, right, example, "the books differ");
    }
    tracing::info!(
        batches = report.totals.batches,
        differences = report.found,
        "nightly reconciliation"
    );
}
