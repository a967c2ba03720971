//! What reviewers get and hear of an upload that leaves something disputed: a task for each scan,
//! one message for all.

use chrono::{DateTime, Utc};

use super::dispute::DisputedScan;
use crate::{
    kernel::{id::DisputedScanId, values::local_time},
    notices::Recipient,
    stations::station::Station,
    store::{StoreError, Tx},
    tasks::{
        NewTask, TaskKind,
        hearers::{Circle, tell},
        open,
        ports::Shown,
        task::Parties,
    },
    vouchers::{news, offline::OfflineService, reviewers::place_of},
};

/// A cadre says who bears a scan that does not add up.
pub const DISPUTED_SCAN: TaskKind = TaskKind {
    code: "disputed_scan",
    label: "离线核销争议",
    working_days: 3,
};

impl OfflineService {
    /// What the queue of tasks shows of these scans.
    pub async fn under_review(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        let ids = subjects.iter().filter_map(|subject| subject.parse().ok());
        let ids: Vec<DisputedScanId> = ids.collect();
        let mut tx = self.foundation.read().await?;
        let scans = tx.disputed_scans().find_many(&ids).await?;
        let shown = |scan: DisputedScan| Shown {
            subject: scan.id.to_string(),
            revision: scan.revision(),
            summary: format!(
                "{} {}",
                local_time::rfc3339(scan.scanned_at),
                scan.reason.as_str()
            ),
        };
        Ok(scans.into_iter().map(shown).collect())
    }

    pub(crate) async fn open_tasks(
        &self,
        tx: &mut dyn Tx,
        station: &Station,
        parked: &[DisputedScan],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Some(due_at) = parked.iter().map(|scan| scan.due_at).min() else {
            return Ok(());
        };
        let place = place_of(station);
        let task = |scan: &DisputedScan| NewTask::new(DISPUTED_SCAN, scan.id, place.clone());
        open::open(
            tx,
            self.foundation.random(),
            parked.iter().map(task).collect(),
            now,
        )
        .await?;
        let hearers = Circle::of(&place).hearers(tx, &Parties::default()).await?;
        let message = |to: Recipient| {
            to.template(&news::SCANS_DISPUTED)
                .with("station", &station.name)
                .with("count", parked.len())
                .with("due", local_time::month_and_day(due_at))
                .about(station.id)
        };
        tell(tx, hearers, message, self.foundation.random(), now).await
    }
}
