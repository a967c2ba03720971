//! Contract of the outbox, and of the dispatcher that empties it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{Clock, PageRequest, cause, id::AccountId},
    outbox::{Dispatcher, MAX_ATTEMPTS, OutboxEvent},
    store::Store,
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{
    clock::WoundClock,
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

async fn append(store: &SqlStore, recipient: AccountId, count: usize, now: DateTime<Utc>) {
    let mut tx = store.begin().await.unwrap();
    for _ in 0..count {
        let event =
            OutboxEvent::inbox(recipient, "topic", "标题", "正文", None, now, &SystemRandom);
        tx.outbox().append(event).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn inbox_size(store: &SqlStore, owner: AccountId) -> usize {
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    store
        .read()
        .await
        .unwrap()
        .notices()
        .list_of(owner, page)
        .await
        .unwrap()
        .items
        .len()
}

/// How many wait, and how many are dead.
async fn backlog(store: &SqlStore) -> (u64, u64) {
    let mut tx = store.read().await.unwrap();
    let waiting = tx.outbox().backlog().await.unwrap().waiting;
    (waiting, tx.outbox().dead_letters().await.unwrap())
}

/// The table of notices is away meanwhile: a failure that names its cause.
async fn fails(dispatcher: &Dispatcher) {
    let error = dispatcher.run_once(10).await.unwrap_err();
    let cause = cause::chain(&error);
    assert!(cause.contains("notices"), "{cause}");
}

fn dispatcher(store: &SqlStore, clock: &Arc<WoundClock>) -> Dispatcher {
    Dispatcher {
        store: Arc::new(store.clone()),
        clock: clock.clone(),
    }
}

#[rstest]
#[tokio::test]
async fn a_failing_delivery_is_tried_again_with_back_off(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    append(&store, owner, 1, clock.now()).await;

    store
        .writer()
        .execute_unprepared("ALTER TABLE notices RENAME TO notices_away")
        .await
        .unwrap();
    fails(&dispatcher(&store, &clock)).await;
    store
        .writer()
        .execute_unprepared("ALTER TABLE notices_away RENAME TO notices")
        .await
        .unwrap();

    clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        dispatcher(&store, &clock).run_once(10).await.unwrap(),
        0,
        "not due for two seconds"
    );
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(dispatcher(&store, &clock).run_once(10).await.unwrap(), 1);
    assert_eq!(
        (inbox_size(&store, owner).await, backlog(&store).await),
        (1, (0, 0))
    );
}

#[rstest]
#[tokio::test]
async fn a_hopeless_event_is_set_aside_and_holds_up_nobody(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    append(&store, owner, 1, clock.now()).await;

    store
        .writer()
        .execute_unprepared("ALTER TABLE notices RENAME TO notices_away")
        .await
        .unwrap();
    for _ in 0..MAX_ATTEMPTS {
        assert_eq!(backlog(&store).await, (1, 0));
        fails(&dispatcher(&store, &clock)).await;
        clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(
        backlog(&store).await,
        (0, 1),
        "a dead letter after the last try"
    );
    store
        .writer()
        .execute_unprepared("ALTER TABLE notices_away RENAME TO notices")
        .await
        .unwrap();

    append(&store, owner, 1, clock.now()).await;
    append(&store, owner, 1, clock.now()).await;
    let unreadable = "UPDATE outbox_events SET delivery = '{\"kind\": \"pigeon\"}' WHERE id = \
                      (SELECT id FROM outbox_events WHERE dead_at IS NULL ORDER BY id LIMIT 1)";
    store.writer().execute_unprepared(unreadable).await.unwrap();
    assert_eq!(dispatcher(&store, &clock).run_once(10).await.unwrap(), 1);
    assert_eq!(
        (inbox_size(&store, owner).await, backlog(&store).await),
        (1, (0, 2))
    );
}

#[rstest]
#[tokio::test]
async fn two_dispatchers_deliver_each_event_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (one, two, clock) = (
        database.store().await,
        database.store().await,
        WoundClock::new(),
    );
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    append(&one, owner, 60, clock.now()).await;
    let (first, second) = (dispatcher(&one, &clock), dispatcher(&two, &clock));
    let (first, second) = tokio::join!(first.run_once(40), second.run_once(40));
    assert_eq!(first.unwrap() + second.unwrap(), 60);
    assert_eq!(
        (inbox_size(&one, owner).await, backlog(&one).await),
        (60, (0, 0))
    );
}

#[rstest]
#[tokio::test]
async fn an_event_whose_dispatcher_died_is_delivered_after_its_lease(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    append(&store, owner, 1, clock.now()).await;

    let mut tx = store.begin().await.unwrap();
    let lease = TimeDelta::seconds(60);
    assert_eq!(
        tx.outbox()
            .take_due(clock.now(), lease, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    tx.commit().await.unwrap();

    assert_eq!(
        dispatcher(&store, &clock).run_once(10).await.unwrap(),
        0,
        "somebody else's"
    );
    clock.advance(lease);
    assert_eq!(dispatcher(&store, &clock).run_once(10).await.unwrap(), 1);
    assert_eq!(inbox_size(&store, owner).await, 1);
}
