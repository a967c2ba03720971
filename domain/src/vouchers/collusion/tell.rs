//! What reviewers hear: one message a station when something is held, one to the district around
//! when it is overdue. Whoever scanned or ate it is not warned.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    CollusionService,
    ports::{Noticed, SuspendedScan},
};
use crate::{
    audit::Deed,
    kernel::id::{RedemptionId, StationId},
    stations::station::Station,
    store::{StoreError, Tx},
    vouchers::{
        news,
        reviewers::{Involved, QueueNews, day_of},
    },
};

impl CollusionService {
    /// Once for a redemption, however many signals speak about it while it waits.
    pub(super) async fn tell_reviewers(
        &self,
        tx: &mut dyn Tx,
        station: &Station,
        noticed: &[Noticed],
        due_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let newly = noticed
            .iter()
            .filter(|one| !one.was_held)
            .map(|one| (one.scan.redemption_id, one.scan));
        let newly: BTreeMap<RedemptionId, SuspendedScan> = newly.collect();
        if newly.is_empty() {
            return Ok(());
        }
        let scans: Vec<_> = newly.into_values().collect();
        let news = QueueNews {
            district: Some(station.district),
            involved: involved(tx, &scans).await?,
            station: station.id,
            template: &news::REDEMPTIONS_SUSPENDED,
            words: vec![
                ("station", station.name.clone()),
                ("count", scans.len().to_string()),
                ("due", day_of(due_at)),
            ],
        };
        news.tell(tx, self.foundation.random(), self.foundation.now())
            .await
    }

    /// Tells the district around, once, of suspensions that nobody has decided on in time (T1). Returns
    /// how many.
    pub async fn escalate_overdue(&self, limit: u64) -> Result<u64, StoreError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let overdue = tx.suspensions().escalate(now, limit).await?;
        let count = overdue.len() as u64;
        for (station, scans) in at_stations(&mut *tx, overdue, |scan| scan.station_id).await? {
            let news = QueueNews {
                district: station.district.parent(),
                involved: involved(&mut *tx, &scans).await?,
                station: station.id,
                template: &news::SUSPENSIONS_OVERDUE,
                words: vec![
                    ("station", station.name.clone()),
                    ("count", scans.len().to_string()),
                ],
            };
            news.tell(&mut *tx, self.foundation.random(), now).await?;
            let detail = json!({ "suspensions": scans.len() });
            let deed = Deed::new("redemption_suspensions.escalated", station.id)
                .within(station.district)
                .with(detail);
            tx.audit()
                .append(deed.by_system("job:escalation", now, self.foundation.random()))
                .await?;
        }
        tx.commit().await?;
        Ok(count)
    }
}

/// Sorted by station.
pub(super) async fn at_stations<T>(
    tx: &mut dyn Tx,
    items: Vec<T>,
    station: impl Fn(&T) -> StationId,
) -> Result<Vec<(Station, Vec<T>)>, StoreError> {
    let mut groups: BTreeMap<StationId, Vec<T>> = BTreeMap::new();
    for item in items {
        groups.entry(station(&item)).or_default().push(item);
    }
    let ids: Vec<_> = groups.keys().copied().collect();
    let stations = tx.stations().find_many(&ids).await?.into_iter();
    Ok(stations
        .filter_map(|station| groups.remove(&station.id).map(|items| (station, items)))
        .collect())
}

async fn involved(tx: &mut dyn Tx, scans: &[SuspendedScan]) -> Result<Involved, StoreError> {
    let accounts = scans.iter().map(|scan| scan.staff_id).collect();
    let mut involved = Involved {
        accounts,
        persons: scans.iter().map(|scan| scan.person_id).collect(),
    };
    for staff in involved.accounts.clone() {
        involved
            .persons
            .extend(tx.accounts().person_of(staff).await?);
    }
    Ok(involved)
}
