//! Looking, and holding what is found: every few minutes for single events, every few hours for
//! habits, and once more over a period before it is frozen for settlement.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::{CollusionService, Finding, Signal, Window, ports::Noticed, tell::at_stations};
use crate::{
    audit::Deed,
    kernel::id::StationId,
    stations::station::Station,
    store::{StoreError, Tx},
    tasks::open::due_of,
};

/// Findings suspended in one transaction.
const AT_ONCE: usize = 200;
/// What one scan tells, or two.
const EVENTS: [Signal; 2] = [Signal::Burst, Signal::ImpossibleTravel];
/// What only many of them tell.
const HABITS: [Signal; 2] = [Signal::SamePair, Signal::PriceIsFaceValue];
/// Stations' clocks may be ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

impl CollusionService {
    /// Bursts and impossible travel among recent scans. Returns how many redemptions were suspended.
    pub async fn watch_events(&self) -> Result<u64, StoreError> {
        let window = self.back_from(self.foundation.now(), self.policy.events_over);
        self.watch(&EVENTS.map(|signal| (signal, window))).await
    }

    /// Everything, over the time in which habits form.
    pub async fn watch_habits(&self) -> Result<u64, StoreError> {
        let window = self.back_from(self.foundation.now(), self.policy.habits_over);
        let signals: Vec<_> = Signal::ALL.iter().map(|signal| (*signal, window)).collect();
        self.watch(&signals).await
    }

    /// Everything that a sheet of the station would take, up to a day. The jobs look a few days
    /// back; what was uploaded late, or waited for a decision, may have been scanned before.
    pub async fn watch_station(
        &self,
        station: StationId,
        through: NaiveDate,
    ) -> Result<u64, StoreError> {
        let span = self
            .foundation
            .read()
            .await?
            .signals()
            .payable_span(station, through)
            .await?;
        let Some((oldest, newest)) = span else {
            return Ok(0);
        };
        let (now, policy) = (self.foundation.now(), &self.policy);
        let around = policy.travel_within.max(policy.burst_within);
        let until = now.min(newest + around) + AHEAD;
        let events = Window {
            since: oldest - around,
            until,
            station: Some(station),
        };
        let mut looks = EVENTS.map(|signal| (signal, events)).to_vec();
        // The first is the job's own. They overlap by half, so that no habit is cut in two.
        let mut end = now.min(newest + policy.habits_over);
        while end + AHEAD > oldest {
            let window = Window {
                station: Some(station),
                ..self.back_from(end, policy.habits_over)
            };
            looks.extend(HABITS.map(|signal| (signal, window)));
            end -= policy.habits_over / 2;
        }
        self.watch(&looks).await
    }

    fn back_from(&self, end: DateTime<Utc>, back: TimeDelta) -> Window {
        Window {
            since: end - back,
            until: end + AHEAD,
            station: None,
        }
    }

    async fn watch(&self, looks: &[(Signal, Window)]) -> Result<u64, StoreError> {
        let mut tx = self.foundation.read_long().await?;
        let mut findings = Vec::new();
        for (signal, window) in looks {
            findings.extend(self.findings(&mut *tx, *signal, *window).await?);
        }
        drop(tx);
        findings.sort_by_key(|finding| (finding.redemption_id, finding.signal));
        findings.dedup_by_key(|finding| (finding.redemption_id, finding.signal));
        let mut suspended = 0;
        for some in findings.chunks(AT_ONCE) {
            suspended += self.suspend(some).await?;
        }
        Ok(suspended)
    }

    async fn suspend(&self, findings: &[Finding]) -> Result<u64, StoreError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let due_at = due_of(&mut *tx, self.task_kind(), now).await?;
        let noticed = tx.suspensions().suspend(findings, now, due_at).await?;
        let suspended = noticed.len() as u64;
        for (station, noticed) in at_stations(&mut *tx, noticed, |one| one.scan.station_id).await? {
            self.note(&mut *tx, &station, &noticed).await?;
            self.open_tasks(&mut *tx, &station, &noticed, due_at)
                .await?;
        }
        tx.commit().await?;
        Ok(suspended)
    }

    async fn note(
        &self,
        tx: &mut dyn Tx,
        station: &Station,
        noticed: &[Noticed],
    ) -> Result<(), StoreError> {
        let signals: BTreeSet<_> = noticed.iter().map(|one| one.signal).collect();
        let redemptions: BTreeSet<_> = noticed.iter().map(|one| one.scan.redemption_id).collect();
        let detail = json!({ "signals": signals, "redemptions": redemptions });
        let deed = Deed::new("redemption.suspended", station.id)
            .within(station.district)
            .with(detail);
        tx.audit()
            .append(deed.by_system(
                "job:collusion",
                self.foundation.now(),
                self.foundation.random(),
            ))
            .await
    }
}
