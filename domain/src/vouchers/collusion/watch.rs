//! Looking, and holding what is found: every few minutes for single events, every few hours for habits, and once more
//! over a period before it is frozen for settlement.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{CollusionService, Finding, Signal, Window, ports::NewlyHeld};
use crate::{
    audit::Deed,
    kernel::{id::StationId, local_time},
    store::Tx,
    vouchers::VoucherError,
};

/// Findings held in one transaction.
const AT_ONCE: usize = 200;
/// Stations' clocks may be ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

impl CollusionService {
    /// Bursts and impossible travel among recent scans. Returns how many redemptions were held.
    pub async fn watch_events(&self) -> Result<u64, VoucherError> {
        let window = self.until_now(self.policy.events_over);
        self.watch(&[Signal::Burst, Signal::ImpossibleTravel], window).await
    }

    /// Everything, over the time in which habits form.
    pub async fn watch_habits(&self) -> Result<u64, VoucherError> {
        self.watch(&Signal::ALL, self.until_now(self.policy.habits_over)).await
    }

    fn until_now(&self, back: TimeDelta) -> Window {
        let now = self.clock.now();
        Window { since: now - back, until: now + AHEAD }
    }

    async fn watch(&self, signals: &[Signal], window: Window) -> Result<u64, VoucherError> {
        let mut held = 0;
        for signal in signals {
            let mut tx = self.store.read().await?;
            let mut findings = self.findings(&mut *tx, *signal, window).await?;
            drop(tx);
            findings.sort_by_key(|finding| finding.redemption_id);
            findings.dedup_by_key(|finding| finding.redemption_id);
            for some in findings.chunks(AT_ONCE) {
                held += self.hold(*signal, some).await?;
            }
        }
        Ok(held)
    }

    async fn hold(&self, signal: Signal, findings: &[Finding]) -> Result<u64, VoucherError> {
        let now = self.clock.now();
        let due_at = local_time::after_working_days(now, self.policy.review_working_days);
        let mut tx = self.store.begin().await?;
        let held = tx.holds().hold(signal, findings, now, due_at).await?;
        self.note(&mut *tx, signal, &held, now).await?;
        tx.commit().await?;
        Ok(held.len() as u64)
    }

    /// One line a station.
    async fn note(
        &self,
        tx: &mut dyn Tx,
        signal: Signal,
        held: &[NewlyHeld],
        now: DateTime<Utc>,
    ) -> Result<(), VoucherError> {
        let mut by_station: BTreeMap<StationId, Vec<String>> = BTreeMap::new();
        for one in held {
            by_station.entry(one.station_id).or_default().push(one.redemption_id.to_string());
        }
        let ids: Vec<_> = by_station.keys().copied().collect();
        for station in tx.stations().find_many(&ids).await? {
            let detail = json!({ "signal": signal, "redemptions": by_station.get(&station.id) });
            let deed = Deed::new("redemption.held", station.id).within(station.district).with(detail);
            tx.audit().append(deed.by_system("job:collusion", now, &*self.random)).await?;
        }
        Ok(())
    }
}
