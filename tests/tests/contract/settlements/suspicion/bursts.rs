//! Bursts that no job has seen yet.

use chrono::TimeDelta;
use niangjia_domain::{
    settlements::SettlementError,
    vouchers::collusion::{CollusionPolicy, Signal, SuspensionDecision, SuspensionDecisionInput},
};
use niangjia_tests::{
    actors::cadre_of,
    rows::{ScanHistory, account, person, revision_of},
    servers::database::Kind,
};
use rstest::rstest;

use super::{blind, burst, cadre, paid, settlements, sheet};

#[rstest]
#[case::looks(CollusionPolicy::default(), true)]
#[case::control_without_looking_everything_is_paid(blind(), false)]
#[tokio::test]
async fn a_freeze_leaves_out_what_no_job_has_seen_yet(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] policy: CollusionPolicy,
    #[case] looks: bool,
) {
    let history = ScanHistory::new(kind).await;
    let honest = history
        .add(history.scan(account(), person(), history.ago(1) - TimeDelta::minutes(1)))
        .await;
    let suspicious = burst(&history, account(), 1).await;
    let service = settlements(&history, policy);
    let id = sheet(&history, &service, 2, 1).await;
    let lines = paid(&service, id).await;
    if !looks {
        assert_eq!(lines.len(), 11);
        return;
    }
    assert_eq!(lines, [honest]);
    let expected: Vec<_> = suspicious.iter().map(|id| (*id, Signal::Burst)).collect();
    assert_eq!(history.held().await, expected);
    assert_eq!(
        history.watcher().watch_events().await.unwrap(),
        0,
        "the job finds nothing new"
    );

    // What a reviewer lets go is paid by the next sheet.
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: "当天有集体就餐".to_owned(),
    };
    let watcher = history.watcher();
    let revision = revision_of(&watcher, suspicious[3]).await;
    watcher
        .decide(&cadre(), suspicious[3], input, revision)
        .await
        .unwrap();
    history
        .add(history.scan(account(), person(), history.ago(5)))
        .await;
    let next = sheet(&history, &service, 9, 3).await;
    assert_eq!(
        paid(&service, next).await.len(),
        1,
        "it is not of these days"
    );
    service.cancel(&cadre(), id, "重新结算").await.unwrap();
    let again = sheet(&history, &service, 2, 1).await;
    assert_eq!(paid(&service, again).await, [honest, suspicious[3]]);
}

#[rstest]
#[tokio::test]
async fn what_is_found_stays_held_when_nothing_is_left_to_freeze(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let history = ScanHistory::new(kind).await;
    burst(&history, account(), 1).await;
    let service = settlements(&history, CollusionPolicy::default());
    let id = sheet(&history, &service, 1, 1).await;
    let frozen = service.freeze(&cadre(), id).await;
    assert!(
        matches!(frozen, Err(SettlementError::NothingToSettle)),
        "{frozen:?}"
    );
    assert_eq!(history.held().await.len(), 10);
}

#[rstest]
#[tokio::test]
async fn a_freeze_that_is_refused_holds_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let history = ScanHistory::new(kind).await;
    burst(&history, account(), 1).await;
    let service = settlements(&history, CollusionPolicy::default());
    let id = sheet(&history, &service, 1, 1).await;
    let early = sheet(&history, &service, 0, 0).await;
    assert!(matches!(
        service.freeze(&cadre_of("370812"), id).await,
        Err(SettlementError::Access(_))
    ));
    assert!(matches!(
        service.freeze(&cadre(), early).await,
        Err(SettlementError::PeriodNotOver { .. })
    ));
    assert_eq!(history.held().await, []);
}
