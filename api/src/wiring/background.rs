//! Which jobs run, and how often.

use std::time::Duration;

use niangjia_domain::kernel::idempotency;

use super::Services;
use crate::jobs::Jobs;

/// How much a job takes on at once.
const AT_ONCE: u64 = 100;

impl Services {
    pub fn start_jobs(&self) -> Jobs {
        let mut jobs = Jobs::default();
        self.start_record_keeping(&mut jobs);
        self.start_services(&mut jobs);
        jobs
    }

    fn start_record_keeping(&self, jobs: &mut Jobs) {
        let dispatcher = self.dispatcher.clone();
        jobs.every("outbox_dispatch", Duration::from_millis(500), move || {
            let dispatcher = dispatcher.clone();
            async move { Ok(dispatcher.run_once(AT_ONCE).await?) }
        });
        let sealer = self.sealer.clone();
        jobs.every("audit_seal", Duration::from_secs(2), move || {
            let sealer = sealer.clone();
            async move { Ok(sealer.run_once(AT_ONCE).await?) }
        });
        let services = self.clone();
        jobs.every("first_answers_forget", Duration::from_secs(3_600), move || {
            let services = services.clone();
            async move { Ok(idempotency::forget_old(&*services.store, services.clock.now()).await?) }
        });
        let identity = self.identity.clone();
        jobs.every("sign_ins_tidy", Duration::from_secs(3_600), move || {
            let identity = identity.clone();
            async move { Ok(identity.tidy().await?) }
        });
    }

    fn start_services(&self, jobs: &mut Jobs) {
        let wishes = self.wishes.clone();
        jobs.every("wishes_check", Duration::from_secs(30), move || {
            let wishes = wishes.clone();
            async move { Ok(wishes.check_pending(AT_ONCE).await?) }
        });
        let wishes = self.wishes.clone();
        jobs.every("wish_claims_lapse", Duration::from_secs(60), move || {
            let wishes = wishes.clone();
            async move { Ok(wishes.remind_donors(AT_ONCE).await? + wishes.lapse_overdue(AT_ONCE).await?) }
        });
        let uploads = self.uploads.clone();
        jobs.every("uploads_sweep", Duration::from_secs(600), move || {
            let uploads = uploads.clone();
            async move { Ok(uploads.sweep().await?) }
        });
        let vouchers = self.vouchers.clone();
        jobs.every("vouchers_release", Duration::from_secs(300), move || {
            let vouchers = vouchers.clone();
            async move { Ok(vouchers.release_unused(AT_ONCE).await?) }
        });
    }
}
