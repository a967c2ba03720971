//! What waits for a decision reaches those who may decide: held redemptions and disputed scans, at
//! once and when they are overdue.

use std::sync::Arc;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, DistrictCode, Foundation, Grant, Jurisdiction},
    tasks::TaskService,
    vouchers::{
        collusion::{
            CollusionPolicy, CollusionService, SuspensionDecision, SuspensionDecisionInput,
        },
        offline::{ItemOutcome, Resolution},
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    canteen::Canteen,
    database::Kind,
    month::{revision_of, watching},
    outpost::Outpost,
    wish_scene::{DISTRICT, Scene},
};
use rstest::rstest;

const PREFECTURE: &str = "370800";

fn area(district: &str) -> Jurisdiction {
    Jurisdiction::District(DistrictCode::parse(district).unwrap())
}

async fn cadre(scene: &Scene, area: Jurisdiction) -> Actor {
    scene.appoint(scene.donor().await, Grant::Cadre(area)).await
}

fn jobs(canteen: &Canteen) -> CollusionService {
    watching(canteen.scene.store.clone(), canteen.scene.clock.clone())
}

/// The engine's jobs.
fn escalating(canteen: &Canteen) -> TaskService {
    TaskService {
        foundation: Foundation {
            store: canteen.scene.store.clone(),
            clock: canteen.scene.clock.clone(),
            random: Arc::new(SystemRandom),
        },
        deciders: Vec::new(),
    }
}

/// How many messages of a topic wait for somebody, and what they say.
async fn heard(scene: &Scene, who: &Actor, topic: &str) -> (usize, String) {
    let messages = scene
        .inbox(who)
        .await
        .into_iter()
        .filter(|(of, _)| of == topic);
    let bodies: Vec<_> = messages.map(|(_, body)| body).collect();
    (bodies.len(), bodies.join("|"))
}

async fn hears_nothing(scene: &Scene, who: &Actor) -> bool {
    let topics = ["redemptions_suspended", "scans_disputed", "tasks_overdue"];
    scene
        .inbox(who)
        .await
        .iter()
        .all(|(topic, _)| !topics.contains(&topic.as_str()))
}

#[rstest]
#[tokio::test]
async fn one_message_a_station_tells_those_who_may_decide_and_warns_nobody(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let scene = &canteen.scene;
    let batch = canteen.running(canteen.new_batch()).await;
    let (one, other) = (
        cadre(scene, area(DISTRICT)).await,
        cadre(scene, area(DISTRICT)).await,
    );
    let mut silent = vec![
        cadre(scene, area(PREFECTURE)).await,
        cadre(scene, area("370812")).await,
    ];
    silent.push(cadre(scene, Jurisdiction::Everywhere).await);
    silent.push(
        scene
            .appoint(scene.donor().await, Grant::Auditor(area(DISTRICT)))
            .await,
    );
    silent.push(scene.appoint(scene.donor().await, Grant::Admin).await);
    // Who scans, and who eats, may be a cadre too.
    silent.push(
        scene
            .appoint(canteen.staff.clone(), Grant::Cadre(area(DISTRICT)))
            .await,
    );
    let (eater, voucher) = canteen.holder(batch).await;
    silent.push(
        scene
            .appoint(
                scene.same_person(&eater).await,
                Grant::Cadre(area(DISTRICT)),
            )
            .await,
    );
    canteen.burst(batch).await;
    canteen.eat(&eater, voucher).await;
    assert_eq!(jobs(&canteen).watch_events().await.unwrap(), 10);
    for hearer in [&one, &other] {
        let (count, body) = heard(scene, hearer, "redemptions_suspended").await;
        assert!(
            count == 1 && body.contains("演示驿站有 10 笔"),
            "{count} {body}"
        );
    }
    // The last one was the eater of another meal, not involved in these.
    let unrelated = silent.pop().unwrap();
    assert_eq!(heard(scene, &unrelated, "redemptions_suspended").await.0, 1);
    for somebody in &silent {
        assert!(hears_nothing(scene, somebody).await, "{somebody:?}");
    }

    // Another signal about the same redemptions is no news, about one more it is; whoever ate that
    // one is not warned.
    let mut strict = jobs(&canteen);
    strict.policy = CollusionPolicy {
        price_typed: 10,
        price_typed_alone: 10,
        ..strict.policy
    };
    assert_eq!(strict.watch_habits().await.unwrap(), 10);
    assert_eq!(heard(scene, &one, "redemptions_suspended").await.0, 1);
    let hurried = CollusionPolicy {
        burst_scans: 1,
        burst_within: TimeDelta::seconds(1),
        ..CollusionPolicy::default()
    };
    strict.policy = hurried;
    let newly = strict.watch_events().await.unwrap();
    assert_eq!(newly, 1, "the eleventh");
    let (count, body) = heard(scene, &one, "redemptions_suspended").await;
    assert!(count == 2 && body.contains("有 1 笔"), "{count} {body}");
    assert_eq!(
        heard(scene, &unrelated, "redemptions_suspended").await.0,
        1,
        "it was their own meal"
    );
}

#[rstest]
#[tokio::test]
async fn where_nobody_is_free_to_decide_the_district_around_hears(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(PREFECTURE, "370000", "everywhere")] next: &str,
) {
    let canteen = Canteen::open(kind).await;
    let scene = &canteen.scene;
    scene
        .appoint(canteen.staff.clone(), Grant::Cadre(area(DISTRICT)))
        .await;
    let next = if next == "everywhere" {
        Jurisdiction::Everywhere
    } else {
        area(next)
    };
    let hearer = cadre(scene, next).await;
    canteen
        .burst(canteen.running(canteen.new_batch()).await)
        .await;
    jobs(&canteen).watch_events().await.unwrap();
    assert_eq!(heard(scene, &hearer, "redemptions_suspended").await.0, 1);
    assert!(hears_nothing(scene, &canteen.staff).await);
}

/// The message is part of the transaction: without it nothing is held.
#[rstest]
#[tokio::test]
async fn nothing_is_held_in_silence(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let scene = &canteen.scene;
    let local = cadre(scene, area(DISTRICT)).await;
    canteen
        .burst(canteen.running(canteen.new_batch()).await)
        .await;
    scene
        .execute("ALTER TABLE outbox_events RENAME TO gone", [])
        .await;
    assert!(jobs(&canteen).watch_events().await.is_err());
    assert_eq!(
        scene
            .count("SELECT COUNT(*) FROM redemptions WHERE suspended")
            .await,
        0
    );
    assert_eq!(
        scene.count("SELECT COUNT(*) FROM suspension_signals").await,
        0
    );
    scene
        .execute("ALTER TABLE gone RENAME TO outbox_events", [])
        .await;
    assert_eq!(jobs(&canteen).watch_events().await.unwrap(), 10);
    assert_eq!(heard(scene, &local, "redemptions_suspended").await.0, 1);
}

#[rstest]
#[tokio::test]
async fn overdue_holds_are_told_to_the_district_around_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let scene = &canteen.scene;
    let (local, above) = (
        cadre(scene, area(DISTRICT)).await,
        cadre(scene, area(PREFECTURE)).await,
    );
    let ids = canteen
        .burst(canteen.running(canteen.new_batch()).await)
        .await;
    let service = jobs(&canteen);
    service.watch_events().await.unwrap();
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: "当天有集体就餐".to_owned(),
    };
    let revision = revision_of(&service, ids[0]).await;
    let decided = service.decide(&local, ids[0], input, revision).await;
    decided.unwrap();
    let tasks = escalating(&canteen);
    canteen
        .vouchers
        .scans
        .annul(&canteen.staff, ids[1], "扫错了")
        .await
        .unwrap();
    assert_eq!(tasks.escalate(100).await.unwrap(), 0, "there is time");
    // Three working days are five days at most.
    scene.clock.advance(TimeDelta::days(5));
    assert_eq!(
        tasks.escalate(100).await.unwrap(),
        8,
        "not what is decided or moot"
    );
    assert_eq!(tasks.escalate(100).await.unwrap(), 0);
    let (count, body) = heard(scene, &above, "tasks_overdue").await;
    assert!(count == 1 && body.contains("有 8 件"), "{count} {body}");
    assert_eq!(heard(scene, &local, "tasks_overdue").await.0, 0);
    assert_eq!(heard(scene, &above, "redemptions_suspended").await.0, 0);
    let trail =
        "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.escalated' AND area = '370811'";
    assert_eq!(scene.count(trail).await, 8);
}

#[rstest]
#[tokio::test]
async fn disputed_scans_are_told_at_once_and_when_they_are_overdue(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let (canteen, scene) = (&outpost.canteen, &outpost.canteen.scene);
    let (local, above) = (
        cadre(scene, area(DISTRICT)).await,
        cadre(scene, area(PREFECTURE)).await,
    );
    let stranger = cadre(scene, area("370812")).await;
    let batch = canteen.running(canteen.new_batch()).await;
    outpost.packed("scanner-1").await;
    let mut scans = Vec::new();
    for n in 0..3 {
        let (worker, voucher) = canteen.holder(batch).await;
        let served = outpost.served(&worker, voucher).await;
        if n > 0 {
            // Eaten over the network already.
            canteen.scan(canteen.scan_of(served.code.clone())).await;
        }
        scans.push(served);
    }
    let outcomes = outpost.upload(&scans[..1]).await;
    assert!(
        matches!(outcomes[..], [ItemOutcome::Accepted { .. }]),
        "{outcomes:?}"
    );
    assert!(hears_nothing(scene, &local).await, "nothing is disputed");
    outpost.upload(&scans).await;
    let again = outpost.upload(&scans).await;
    let (count, body) = heard(scene, &local, "scans_disputed").await;
    assert!(count == 1 && body.contains("有 2 笔"), "{count} {body}");
    for silent in [&above, &stranger, outpost.staff()] {
        assert!(hears_nothing(scene, silent).await);
    }

    let ItemOutcome::Disputed { id, .. } = again[1] else {
        panic!("{again:?}")
    };
    outpost
        .offline
        .resolve(&local, id, Resolution::Reject, "重复收取", 1)
        .await
        .unwrap();
    let (tasks, twin) = (escalating(canteen), escalating(canteen));
    assert_eq!(tasks.escalate(100).await.unwrap(), 0, "there is time");
    scene.clock.advance(TimeDelta::days(5));
    let (one, other) = tokio::join!(tasks.escalate(100), twin.escalate(100));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    let (count, body) = heard(scene, &above, "tasks_overdue").await;
    assert!(count == 1 && body.contains("有 1 件"), "{count} {body}");
    assert_eq!(heard(scene, &local, "tasks_overdue").await.0, 0);
    let trail =
        "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.escalated' AND area = '370811'";
    assert_eq!(scene.count(trail).await, 1);
}
