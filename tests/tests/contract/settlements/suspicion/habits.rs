//! Habits and travellers, however old.

use chrono::TimeDelta;
use niangjia_domain::{
    settlements::SettlementError,
    vouchers::collusion::{CollusionPolicy, Signal},
};
use niangjia_tests::{
    rows::{PastScan, ScanHistory, account, person},
    servers::database::Kind,
};
use rstest::rstest;

use super::{cadre, paid, settlements, sheet};

/// Scans that reached us weeks later are older than what the jobs look at.
#[rstest]
#[tokio::test]
async fn habits_are_seen_however_old_they_are(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let history = ScanHistory::new(kind).await;
    let (staff, holder) = (account(), person());
    for days in 30..38 {
        let late = PastScan {
            accepted_at: history.ago(1),
            ..history.scan(staff, holder, history.ago(days))
        };
        history.add(late).await;
    }
    let (habits, events) = (
        history.watcher().watch_habits().await,
        history.watcher().watch_events().await,
    );
    assert_eq!(
        (habits.unwrap(), events.unwrap()),
        (0, 0),
        "no job reaches so far back"
    );
    let service = settlements(&history, CollusionPolicy::default());
    let id = sheet(&history, &service, 40, 30).await;
    assert!(matches!(
        service.freeze(&cadre(), id).await,
        Err(SettlementError::NothingToSettle)
    ));
    let held = history.held().await;
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
    let history = ScanHistory::new(kind).await;
    let (far, holder) = (history.station(35.51).await, person());
    let here = history
        .add(history.scan(account(), holder, history.ago(1)))
        .await;
    let at = history.ago(1) + TimeDelta::minutes(4);
    let there = history
        .add(PastScan {
            station: far,
            ..history.scan(account(), holder, at)
        })
        .await;
    let staff = account();
    for n in 0..10 {
        let at = history.ago(1) + TimeDelta::seconds(n);
        history
            .add(PastScan {
                station: far,
                ..history.scan(staff, person(), at)
            })
            .await;
    }
    let honest = history
        .add(history.scan(account(), person(), history.ago(1)))
        .await;
    let service = settlements(&history, CollusionPolicy::default());
    let id = sheet(&history, &service, 1, 1).await;
    assert_eq!(paid(&service, id).await, [honest]);
    let mut expected = vec![
        (here, Signal::ImpossibleTravel),
        (there, Signal::ImpossibleTravel),
    ];
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(history.held().await, expected);
    assert_eq!(
        history.watcher().watch_events().await.unwrap(),
        10,
        "the burst over there"
    );
}
