//! A sheet never pays what looks like collusion: freezing looks first, and what it finds is held.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::{
    kernel::{
        Actor, Foundation,
        id::{AccountId, RedemptionId, SettlementId},
        values::local_time,
    },
    settlements::{NewSettlement, SettlementError, SettlementService, sheets::line::Subject},
    vouchers::collusion::{CollusionPolicy, Signal, SuspensionDecision, SuspensionDecisionInput},
};
use niangjia_infra::{
    sheets::XlsxWriter,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    canteen::{account, person},
    database::Kind,
    month::{Eaten, Month, revision_of},
    office::cadre_of,
    wish_scene::DISTRICT,
};
use rstest::rstest;

fn settlements(month: &Month, policy: CollusionPolicy) -> SettlementService {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let mut collusion = month.watcher();
    collusion.policy = policy;
    SettlementService {
        foundation: Foundation {
            store: month.store(),
            clock,
            random,
        },
        sheets: Arc::new(XlsxWriter),
        collusion,
    }
}

/// Ten scans of one staff member within nine seconds.
async fn burst(month: &Month, staff: AccountId, days_ago: i64) -> Vec<RedemptionId> {
    let mut ids = Vec::new();
    for n in 0..10 {
        let at = month.ago(days_ago) + TimeDelta::seconds(n);
        ids.push(month.eat(month.meal(staff, person(), at)).await);
    }
    ids
}

fn day(month: &Month, days_ago: i64) -> NaiveDate {
    local_time::date_of(month.ago(days_ago))
}

/// A sheet of the month's station, from so many days ago to so many.
async fn sheet(month: &Month, service: &SettlementService, from: i64, to: i64) -> SettlementId {
    let new = NewSettlement {
        station_id: month.till.station,
        from: day(month, from),
        to: day(month, to),
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

#[rstest]
#[case::looks(CollusionPolicy::default(), true)]
#[case::control_without_looking_everything_is_paid(blind(), false)]
#[tokio::test]
async fn a_freeze_leaves_out_what_no_job_has_seen_yet(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] policy: CollusionPolicy,
    #[case] looks: bool,
) {
    let month = Month::new(kind).await;
    let honest = month
        .eat(month.meal(account(), person(), month.ago(1) - TimeDelta::minutes(1)))
        .await;
    let suspicious = burst(&month, account(), 1).await;
    let service = settlements(&month, policy);
    let id = sheet(&month, &service, 2, 1).await;
    let lines = paid(&service, id).await;
    if !looks {
        assert_eq!(lines.len(), 11);
        return;
    }
    assert_eq!(lines, [honest]);
    let expected: Vec<_> = suspicious.iter().map(|id| (*id, Signal::Burst)).collect();
    assert_eq!(month.held().await, expected);
    assert_eq!(
        month.watcher().watch_events().await.unwrap(),
        0,
        "the job finds nothing new"
    );

    // What a reviewer lets go is paid by the next sheet.
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: "当天有集体就餐".to_owned(),
    };
    let watcher = month.watcher();
    let revision = revision_of(&watcher, suspicious[3]).await;
    watcher
        .decide(&cadre(), suspicious[3], input, revision)
        .await
        .unwrap();
    month
        .eat(month.meal(account(), person(), month.ago(5)))
        .await;
    let next = sheet(&month, &service, 9, 3).await;
    assert_eq!(
        paid(&service, next).await.len(),
        1,
        "it is not of these days"
    );
    service.cancel(&cadre(), id, "重新结算").await.unwrap();
    let again = sheet(&month, &service, 2, 1).await;
    assert_eq!(paid(&service, again).await, [honest, suspicious[3]]);
}

#[rstest]
#[tokio::test]
async fn what_is_found_stays_held_when_nothing_is_left_to_freeze(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let month = Month::new(kind).await;
    burst(&month, account(), 1).await;
    let service = settlements(&month, CollusionPolicy::default());
    let id = sheet(&month, &service, 1, 1).await;
    let frozen = service.freeze(&cadre(), id).await;
    assert!(
        matches!(frozen, Err(SettlementError::NothingToSettle)),
        "{frozen:?}"
    );
    assert_eq!(month.held().await.len(), 10);
}

/// Scans that reached us weeks later are older than what the jobs look at.
#[rstest]
#[tokio::test]
async fn habits_are_seen_however_old_they_are(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let month = Month::new(kind).await;
    let (staff, holder) = (account(), person());
    for days in 30..38 {
        let late = Eaten {
            accepted_at: month.ago(1),
            ..month.meal(staff, holder, month.ago(days))
        };
        month.eat(late).await;
    }
    let (habits, events) = (
        month.watcher().watch_habits().await,
        month.watcher().watch_events().await,
    );
    assert_eq!(
        (habits.unwrap(), events.unwrap()),
        (0, 0),
        "no job reaches so far back"
    );
    let service = settlements(&month, CollusionPolicy::default());
    let id = sheet(&month, &service, 40, 30).await;
    assert!(matches!(
        service.freeze(&cadre(), id).await,
        Err(SettlementError::NothingToSettle)
    ));
    let held = month.held().await;
    assert!(
        held.len() == 8 && held.iter().all(|(_, signal)| *signal == Signal::SamePair),
        "{held:?}"
    );
}

#[rstest]
#[tokio::test]
async fn a_traveller_is_seen_from_either_end_and_other_stations_are_left_to_the_jobs(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let month = Month::new(kind).await;
    let (far, holder) = (month.station(35.51).await, person());
    let here = month.eat(month.meal(account(), holder, month.ago(1))).await;
    let at = month.ago(1) + TimeDelta::minutes(4);
    let there = month
        .eat(Eaten {
            station: far,
            ..month.meal(account(), holder, at)
        })
        .await;
    let staff = account();
    for n in 0..10 {
        let at = month.ago(1) + TimeDelta::seconds(n);
        month
            .eat(Eaten {
                station: far,
                ..month.meal(staff, person(), at)
            })
            .await;
    }
    let honest = month
        .eat(month.meal(account(), person(), month.ago(1)))
        .await;
    let service = settlements(&month, CollusionPolicy::default());
    let id = sheet(&month, &service, 1, 1).await;
    assert_eq!(paid(&service, id).await, [honest]);
    let mut expected = vec![
        (here, Signal::ImpossibleTravel),
        (there, Signal::ImpossibleTravel),
    ];
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(month.held().await, expected);
    assert_eq!(
        month.watcher().watch_events().await.unwrap(),
        10,
        "the burst over there"
    );
}

#[rstest]
#[tokio::test]
async fn a_freeze_that_is_refused_holds_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let month = Month::new(kind).await;
    burst(&month, account(), 1).await;
    let service = settlements(&month, CollusionPolicy::default());
    let id = sheet(&month, &service, 1, 1).await;
    let early = sheet(&month, &service, 0, 0).await;
    assert!(matches!(
        service.freeze(&cadre_of("370812"), id).await,
        Err(SettlementError::Access(_))
    ));
    assert!(matches!(
        service.freeze(&cadre(), early).await,
        Err(SettlementError::PeriodNotOver { .. })
    ));
    assert_eq!(month.held().await, []);
}
