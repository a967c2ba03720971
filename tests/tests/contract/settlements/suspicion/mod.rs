//! A sheet never pays what looks like collusion: freezing looks first, and what it finds is held.

mod bursts;
mod habits;

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::{
    kernel::{
        Actor, Foundation,
        id::{AccountId, RedemptionId, SettlementId},
        values::local_time,
    },
    settlements::{NewSettlement, SettlementService, sheets::line::Subject},
    vouchers::collusion::CollusionPolicy,
};
use niangjia_infra::{
    sheets::XlsxWriter,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    actors::cadre_of,
    places::DISTRICT,
    rows::{ScanHistory, person},
};

fn settlements(history: &ScanHistory, policy: CollusionPolicy) -> SettlementService {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let mut collusion = history.watcher();
    collusion.policy = policy;
    SettlementService {
        foundation: Foundation {
            store: history.store(),
            clock,
            random,
        },
        sheets: Arc::new(XlsxWriter),
        collusion,
    }
}

/// Ten scans of one staff member within nine seconds.
async fn burst(history: &ScanHistory, staff: AccountId, days_ago: i64) -> Vec<RedemptionId> {
    let mut ids = Vec::new();
    for n in 0..10 {
        let at = history.ago(days_ago) + TimeDelta::seconds(n);
        ids.push(history.add(history.scan(staff, person(), at)).await);
    }
    ids
}

fn day(history: &ScanHistory, days_ago: i64) -> NaiveDate {
    local_time::date_of(history.ago(days_ago))
}

/// A sheet of the history's station, from so many days ago to so many.
async fn sheet(
    history: &ScanHistory,
    service: &SettlementService,
    from: i64,
    to: i64,
) -> SettlementId {
    let new = NewSettlement {
        station_id: history.rows.station,
        from: day(history, from),
        to: day(history, to),
    };
    service.open(&cadre(), new).await.unwrap().id
}

fn cadre() -> Actor {
    cadre_of(DISTRICT)
}

async fn paid(service: &SettlementService, id: SettlementId) -> Vec<RedemptionId> {
    service.freeze(&cadre(), id).await.unwrap();
    let lines = service
        .foundation
        .store
        .read()
        .await
        .unwrap()
        .settlements()
        .lines(id, 0, 1_000)
        .await
        .unwrap();
    let redemption = |subject| {
        if let Subject::Redemption(id) = subject {
            id
        } else {
            panic!("{subject:?}")
        }
    };
    lines
        .into_iter()
        .map(|line| redemption(line.subject))
        .collect()
}

/// No burst is so fast that it speaks.
fn blind() -> CollusionPolicy {
    CollusionPolicy {
        burst_within: TimeDelta::zero(),
        ..CollusionPolicy::default()
    }
}
