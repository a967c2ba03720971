//! The nightly reconciliation: half past three in Asia/Shanghai, once a day, whichever process is
//! first.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::json;

use super::{Difference, ReconciliationService, Report, ports::NightlyRun};
use crate::{
    audit::{Area, Deed},
    kernel::{Actor, Page, PageRequest, id::ReconciliationId, values::local_time},
    vouchers::VoucherError,
};

/// After this a run that never finished is taken over.
const ABANDONED_AFTER: TimeDelta = TimeDelta::hours(2);

/// One night's result, as far as the reader's area goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    pub id: ReconciliationId,
    pub day: NaiveDate,
    pub started_at: DateTime<Utc>,
    /// `None` while it is under way.
    pub finished_at: Option<DateTime<Utc>>,
    /// How many were looked at, of all areas.
    pub batches: i64,
    pub differences: Vec<Difference>,
}

impl ReconciliationService {
    /// Tonight's run, if it is time and nobody has done it; `None` otherwise.
    pub async fn nightly(&self) -> Result<Option<Report>, VoucherError> {
        let now = self.foundation.now();
        if local_time::time_of(now) < NaiveTime::from_hms_opt(3, 30, 0).unwrap_or_default() {
            return Ok(None);
        }
        let Some(run) = self.start(now).await? else {
            return Ok(None);
        };
        let report = self.check().await?;
        let mut tx = self.foundation.begin().await?;
        let finished_at = self.foundation.now();
        if !tx
            .reconciliations()
            .finish(&run, &report, finished_at)
            .await?
        {
            return Ok(None);
        }
        let detail = json!({ "batches": report.totals.batches, "differences": report.found });
        let deed = Deed::new("reconciliation.finished", run.id)
            .within(Area::Everywhere)
            .with(detail);
        tx.audit()
            .append(deed.by_system("job:reconcile", finished_at, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(Some(report))
    }

    async fn start(&self, now: DateTime<Utc>) -> Result<Option<NightlyRun>, VoucherError> {
        let id = ReconciliationId::generate(now, self.foundation.random());
        let run = NightlyRun {
            id,
            day: local_time::date_of(now),
            started_at: now,
        };
        let mut tx = self.foundation.begin().await?;
        let taken = tx
            .reconciliations()
            .start(&run, now - ABANDONED_AFTER)
            .await?;
        tx.commit().await?;
        Ok(taken.map(|id| NightlyRun { id, ..run }))
    }

    /// Newest first. Cadres and auditors see the differences of their area's batches.
    pub async fn runs(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<Reconciliation>, VoucherError> {
        let area = actor.require_reader()?;
        Ok(self
            .foundation
            .read()
            .await?
            .reconciliations()
            .list(&area, page)
            .await?)
    }
}
