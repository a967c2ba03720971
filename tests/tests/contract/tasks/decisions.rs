//! What becomes of decisions, one by one and many at once.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, Grant, Jurisdiction, id::TaskId},
    store::Store,
    tasks::{TaskError, TaskState, close, task::Parties},
};
use niangjia_tests::{
    places::DISTRICT,
    servers::database::Kind,
    town::desk::{Desk, REVISION, TEA, area, order, tea, tea_in},
};
use rstest::rstest;

use super::{OTHER_COUNTY, all, said, uuid_of_nothing};

#[rstest]
#[tokio::test]
async fn a_subject_waits_once_at_a_time(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    desk.put(vec![tea("tea_1")]).await;
    let first = desk.id("tea_1").await;
    desk.town.clock.advance(TimeDelta::hours(1));
    let parties = Parties::new([cadre.account_id], []);
    desk.put(vec![tea("tea_1").without(parties), tea("tea_2")])
        .await;
    assert_eq!(desk.id("tea_1").await, first, "it keeps the task it has");
    assert_eq!(desk.sees(&cadre, &all()).await, ["tea_1", "tea_2"]);
    let drink = [order(first, "drink")];
    let results = desk.tasks.decide_many(&cadre, &drink).await.unwrap();
    assert_eq!(said(&results), ["ok"]);
    desk.put(vec![tea("tea_1")]).await;
    assert_ne!(desk.id("tea_1").await, first);
}

#[rstest]
#[tokio::test]
async fn many_decisions_have_a_result_each(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    let parties = Parties::new([cadre.account_id], []);
    let elsewhere = tea_in("tea_5", OTHER_COUNTY, None);
    let mine = tea("tea_3").without(parties);
    desk.put(vec![
        tea("tea_1"),
        tea("tea_2"),
        mine,
        tea("tea_4").by_two(),
    ])
    .await;
    desk.put(vec![elsewhere]).await;
    let mut orders = Vec::new();
    for n in 1..=5 {
        orders.push(order(desk.id(&format!("tea_{n}")).await, "drink"));
    }
    orders[1].revision = REVISION - 1;
    let results = desk.tasks.decide_many(&cadre, &orders).await.unwrap();
    assert_eq!(
        said(&results),
        ["ok", "changed_meanwhile", "involved", "waits", "absent"]
    );
    let again = desk.tasks.decide_many(&cadre, &orders[..1]).await.unwrap();
    assert_eq!(said(&again), ["changed_meanwhile"], "decided before");

    let twice = [orders[0].clone(), orders[0].clone()];
    let too_many: Vec<_> = (0..101)
        .map(|_| order(TaskId::from_uuid(uuid_of_nothing()), "drink"))
        .collect();
    for refused in [&[][..], &twice, &too_many] {
        assert!(matches!(
            desk.tasks.decide_many(&cadre, refused).await,
            Err(TaskError::Invalid(_))
        ));
    }
}

#[rstest]
#[tokio::test]
async fn what_needs_two_people_waits_for_the_second(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    let worker = desk.town.worker().await;
    let grant = Grant::Cadre(area(DISTRICT));
    let first = desk.town.appoint(worker, grant).await;
    let alias = desk.town.same_person(&first).await;
    let alias = desk.town.appoint(alias, grant).await;
    let second = desk.cadre(area(DISTRICT)).await;
    desk.put(vec![tea("tea_1").by_two()]).await;
    let id = desk.id("tea_1").await;
    let mut words = Vec::new();
    for cadre in [&first, &first, &alias, &second] {
        let results = desk.tasks.decide_many(cadre, &[order(id, "drink")]).await;
        words.extend(said(&results.unwrap()));
    }
    let refused = "second_person_needed";
    assert_eq!(words, ["waits", refused, refused, "ok"]);
    let tasks = stored(&desk, id).await;
    let TaskState::Decided {
        first: one,
        outcome,
    } = tasks
    else {
        panic!("{tasks:?}");
    };
    assert_eq!(one.map(|one| one.by), Some(first.account_id));
    assert_eq!(outcome.last.by, second.account_id);
    assert!(outcome.on_time);
    let approvals = "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.approved_once'";
    assert_eq!(desk.town.count(approvals).await, 1);
}

async fn stored(desk: &Desk, id: TaskId) -> TaskState {
    let mut tx = desk.town.store.read().await.unwrap();
    let found = tx
        .tasks()
        .find_within(&[id], &Jurisdiction::Everywhere)
        .await;
    found.unwrap().pop().unwrap().state
}

#[rstest]
#[tokio::test]
async fn late_is_late_and_what_is_withdrawn_is_nobodys_to_decide(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    desk.put(vec![tea("tea_1"), tea("tea_2").by_two()]).await;
    let (late, gone) = (desk.id("tea_1").await, desk.id("tea_2").await);
    let half = desk
        .tasks
        .decide_many(&cadre, &[order(gone, "drink")])
        .await;
    assert_eq!(said(&half.unwrap()), ["waits"]);
    desk.town.clock.advance(TimeDelta::days(30));
    let mut tx = desk.town.store.begin().await.unwrap();
    let (subjects, now) = (["tea_2".to_owned()], desk.town.clock.now());
    for closed in [1, 0] {
        let withdrawn = close::withdraw(&mut *tx, TEA, &subjects, now).await;
        assert_eq!(withdrawn.unwrap(), closed);
    }
    tx.commit().await.unwrap();
    let orders = [order(late, "pour_away"), order(gone, "drink")];
    let results = desk.tasks.decide_many(&cadre, &orders).await.unwrap();
    assert_eq!(said(&results), ["ok", "changed_meanwhile"]);
    let TaskState::Decided { outcome, .. } = stored(&desk, late).await else {
        panic!("it is decided");
    };
    assert!(!outcome.on_time && outcome.word == "pour_away");
    assert_eq!(stored(&desk, gone).await, TaskState::Withdrawn { at: now });
    assert!(desk.sees(&cadre, &all()).await.is_empty());
}
