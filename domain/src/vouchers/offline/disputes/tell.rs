//! What reviewers hear: one message an upload that leaves something disputed, one to the district
//! around when it is overdue.

use std::collections::BTreeMap;

use serde_json::json;

use super::dispute::DisputedScan;
use crate::{
    audit::Deed,
    stations::station::Station,
    store::{StoreError, Tx},
    vouchers::{
        news,
        offline::OfflineService,
        reviewers::{Involved, QueueNews, day_of},
    },
};

impl OfflineService {
    pub(crate) async fn tell_reviewers(
        &self,
        tx: &mut dyn Tx,
        station: &Station,
        parked: &[DisputedScan],
    ) -> Result<(), StoreError> {
        let Some(due_at) = parked.iter().map(|scan| scan.due_at).min() else {
            return Ok(());
        };
        let news = QueueNews {
            district: Some(station.district),
            involved: Involved::default(),
            station: station.id,
            template: &news::SCANS_DISPUTED,
            words: vec![
                ("station", station.name.clone()),
                ("count", parked.len().to_string()),
                ("due", day_of(due_at)),
            ],
        };
        news.tell(tx, self.foundation.random(), self.foundation.now())
            .await
    }

    /// Tells the district around, once, of disputed scans that nobody has decided on in time (T1).
    /// Returns how many.
    pub async fn escalate_overdue(&self, limit: u64) -> Result<u64, StoreError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let overdue = tx.disputed_scans().escalate(now, limit).await?;
        let mut counts = BTreeMap::new();
        for station in &overdue {
            *counts.entry(*station).or_insert(0) += 1;
        }
        let ids: Vec<_> = counts.keys().copied().collect();
        for station in tx.stations().find_many(&ids).await? {
            let count: i64 = counts.get(&station.id).copied().unwrap_or_default();
            let news = QueueNews {
                district: station.district.parent(),
                involved: Involved::default(),
                station: station.id,
                template: &news::DISPUTES_OVERDUE,
                words: vec![
                    ("station", station.name.clone()),
                    ("count", count.to_string()),
                ],
            };
            news.tell(&mut *tx, self.foundation.random(), now).await?;
            let deed = Deed::new("disputed_scans.escalated", station.id).within(station.district);
            let deed = deed.with(json!({ "scans": count }));
            tx.audit()
                .append(deed.by_system("job:escalation", now, self.foundation.random()))
                .await?;
        }
        tx.commit().await?;
        Ok(overdue.len() as u64)
    }
}
