//! What nobody decided in time.

use chrono::TimeDelta;
use niangjia_domain::vouchers::{
    collusion::{SuspensionDecision, SuspensionDecisionInput},
    offline::{ItemOutcome, Resolution},
};
use niangjia_tests::{places::DISTRICT, rows::revision_of, servers::database::Kind, town::Town};
use rstest::rstest;

use super::{PREFECTURE, area, cadre, escalating, heard, hears_nothing, jobs};

#[rstest]
#[tokio::test]
async fn overdue_holds_are_told_to_the_district_around_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (local, above) = (
        cadre(&town, area(DISTRICT)).await,
        cadre(&town, area(PREFECTURE)).await,
    );
    let ids = town.burst(town.running(town.new_batch()).await).await;
    let service = jobs(&town);
    service.watch_events().await.unwrap();
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: "当天有集体就餐".to_owned(),
    };
    let revision = revision_of(&service, ids[0]).await;
    let decided = service.decide(&local, ids[0], input, revision).await;
    decided.unwrap();
    let tasks = escalating(&town);
    town.services
        .vouchers
        .scans
        .annul(&town.staff, ids[1], "扫错了")
        .await
        .unwrap();
    assert_eq!(tasks.escalate(100).await.unwrap(), 0, "there is time");
    // Three working days are five days at most.
    town.clock.advance(TimeDelta::days(5));
    assert_eq!(
        tasks.escalate(100).await.unwrap(),
        8,
        "not what is decided or moot"
    );
    assert_eq!(tasks.escalate(100).await.unwrap(), 0);
    let (count, body) = heard(&town, &above, "tasks_overdue").await;
    assert!(count == 1 && body.contains("有 8 件"), "{count} {body}");
    assert_eq!(heard(&town, &local, "tasks_overdue").await.0, 0);
    assert_eq!(heard(&town, &above, "redemptions_suspended").await.0, 0);
    let trail =
        "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.escalated' AND area = '370811'";
    assert_eq!(town.count(trail).await, 8);
}

#[rstest]
#[tokio::test]
async fn disputed_scans_are_told_at_once_and_when_they_are_overdue(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (local, above) = (
        cadre(&town, area(DISTRICT)).await,
        cadre(&town, area(PREFECTURE)).await,
    );
    let stranger = cadre(&town, area("370812")).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let mut scans = Vec::new();
    for n in 0..3 {
        let (worker, voucher) = town.holder(batch).await;
        let served = town.served(&worker, voucher).await;
        if n > 0 {
            // Eaten over the network already.
            town.scan(town.scan_of(served.code.clone())).await;
        }
        scans.push(served);
    }
    let outcomes = town.upload(&scans[..1]).await;
    assert!(
        matches!(outcomes[..], [ItemOutcome::Accepted { .. }]),
        "{outcomes:?}"
    );
    assert!(hears_nothing(&town, &local).await, "nothing is disputed");
    town.upload(&scans).await;
    let again = town.upload(&scans).await;
    let (count, body) = heard(&town, &local, "scans_disputed").await;
    assert!(count == 1 && body.contains("有 2 笔"), "{count} {body}");
    for silent in [&above, &stranger, &town.staff] {
        assert!(hears_nothing(&town, silent).await);
    }

    let ItemOutcome::Disputed { id, .. } = again[1] else {
        panic!("{again:?}")
    };
    town.services
        .offline
        .resolve(&local, id, Resolution::Reject, "重复收取", 1)
        .await
        .unwrap();
    let (tasks, twin) = (escalating(&town), escalating(&town));
    assert_eq!(tasks.escalate(100).await.unwrap(), 0, "there is time");
    town.clock.advance(TimeDelta::days(5));
    let (one, other) = tokio::join!(tasks.escalate(100), twin.escalate(100));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    let (count, body) = heard(&town, &above, "tasks_overdue").await;
    assert!(count == 1 && body.contains("有 1 件"), "{count} {body}");
    assert_eq!(heard(&town, &local, "tasks_overdue").await.0, 0);
    let trail =
        "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.escalated' AND area = '370811'";
    assert_eq!(town.count(trail).await, 1);
}
