//! Contract of the outbox, and of the dispatcher that empties it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{Clock, PageRequest, cause, id::AccountId},
    notices::{Draft, InboxDelivery, Template, Templates},
    outbox::{
        Channel, DeadLetter, Dispatcher, MAX_ATTEMPTS, OutboxEvent, OutsideDelivery, Undelivered,
    },
    store::Store,
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{
    clock::WoundClock,
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

const HELLO: Template = Template {
    code: "hello",
    title: "问候",
    body: "{name}，您好",
    about: "wish",
};

static TEMPLATES: &[&Template] = &[&HELLO];

fn greeting(recipient: AccountId) -> Draft {
    OutboxEvent::to(recipient)
        .template(&HELLO)
        .with("name", "工友")
        .about("wish_1")
}

async fn append(store: &SqlStore, recipient: AccountId, count: usize, now: DateTime<Utc>) {
    let mut tx = store.begin().await.unwrap();
    for _ in 0..count {
        let event = greeting(recipient).at(now, &SystemRandom);
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
        channels: vec![inbox()],
    }
}

fn inbox() -> Channel {
    let templates = Templates::of(&[TEMPLATES]);
    Channel::Inside(Arc::new(InboxDelivery { templates }))
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
    let unreadable = "UPDATE outbox_events SET parameters = '{\"name\": 7}' WHERE id = \
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

async fn dead(store: &SqlStore) -> Vec<DeadLetter> {
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let mut tx = store.read().await.unwrap();
    tx.outbox().dead(page).await.unwrap().items
}

#[rstest]
#[case::unknown_template("template = 'goodbye'", "unknown template: goodbye")]
#[case::missing_parameter("parameters = '{}'", "template hello lacks its parameter name")]
#[case::no_subject("subject = NULL", "template hello points to nothing of kind wish")]
#[tokio::test]
async fn what_cannot_be_written_dies_at_once_with_its_reason_and_can_be_sent_again(
    #[case] damage: &str,
    #[case] reason: &str,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    append(&store, owner, 3, clock.now()).await;
    let damage = format!(
        "UPDATE outbox_events SET {damage} WHERE id = (SELECT MIN(CAST(id AS TEXT)) FROM outbox_events)"
    );
    let damage = match kind {
        Kind::Sqlite => damage.replace("CAST(id AS TEXT)", "id"),
        Kind::Postgres => damage.replace("WHERE id =", "WHERE CAST(id AS TEXT) ="),
    };
    store.writer().execute_unprepared(&damage).await.unwrap();
    assert_eq!(dispatcher(&store, &clock).run_once(10).await.unwrap(), 2);
    assert_eq!(
        (inbox_size(&store, owner).await, backlog(&store).await),
        (2, (0, 1)),
        "the others arrive"
    );
    let letters = dead(&store).await;
    assert_eq!(
        (letters[0].reason.as_str(), letters[0].attempts),
        (reason, 1)
    );
    assert_eq!(letters[0].since, clock.now());

    let mend = "UPDATE outbox_events SET template = 'hello', parameters = '{\"name\": \"工友\"}', \
                subject = 'wish_1' WHERE dead_at IS NOT NULL";
    store.writer().execute_unprepared(mend).await.unwrap();
    let id = letters[0].id;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.outbox().revive(id, clock.now()).await.unwrap());
    assert!(!tx.outbox().revive(id, clock.now()).await.unwrap(), "alive");
    assert!(tx.outbox().knows(id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(dispatcher(&store, &clock).run_once(10).await.unwrap(), 1);
    assert_eq!(
        (inbox_size(&store, owner).await, dead(&store).await.len()),
        (3, 0)
    );
}

/// Another people's server: answers what it is told to, and keeps what arrived.
#[derive(Default)]
struct Pigeon {
    fails: Mutex<Vec<Undelivered>>,
    arrived: Mutex<Vec<OutboxEvent>>,
    /// Stays in the air for so long.
    flight: Option<(Arc<WoundClock>, TimeDelta)>,
    /// Writes meanwhile: it could not if a transaction were open on SQLite.
    store: Option<SqlStore>,
}

#[async_trait]
impl OutsideDelivery for Pigeon {
    fn kind(&self) -> &'static str {
        "pigeon"
    }

    async fn deliver(&self, event: &OutboxEvent) -> Result<(), Undelivered> {
        if let Some((clock, lasts)) = &self.flight {
            clock.advance(*lasts);
        }
        if let Some(store) = &self.store {
            drop(store.begin().await.unwrap());
        }
        if let Some(failure) = self.fails.lock().unwrap().pop() {
            return Err(failure);
        }
        self.arrived.lock().unwrap().push(event.clone());
        Ok(())
    }
}

async fn send(store: &SqlStore, recipient: AccountId, count: usize, now: DateTime<Utc>) {
    let mut tx = store.begin().await.unwrap();
    for _ in 0..count {
        let event = greeting(recipient).through("pigeon").at(now, &SystemRandom);
        tx.outbox().append(event).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn with_pigeon(store: &SqlStore, clock: &Arc<WoundClock>, pigeon: &Arc<Pigeon>) -> Dispatcher {
    Dispatcher {
        channels: vec![inbox(), Channel::Outside(pigeon.clone())],
        ..dispatcher(store, clock)
    }
}

#[rstest]
#[tokio::test]
async fn another_kind_fails_recovers_and_holds_up_no_inbox(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    let pigeon = Arc::new(Pigeon {
        fails: Mutex::new(vec![Undelivered::Again("storm".to_owned())]),
        store: Some(store.clone()),
        ..Pigeon::default()
    });
    let dispatcher = with_pigeon(&store, &clock, &pigeon);
    send(&store, owner, 2, clock.now()).await;
    append(&store, owner, 1, clock.now()).await;

    assert_eq!(
        dispatcher.run_once(10).await.unwrap(),
        2,
        "one is in a storm"
    );
    assert_eq!(
        (inbox_size(&store, owner).await, backlog(&store).await),
        (1, (1, 0))
    );
    assert_eq!(pigeon.arrived.lock().unwrap().len(), 1);
    assert_eq!(dispatcher.run_once(10).await.unwrap(), 0, "not due yet");
    clock.advance(TimeDelta::seconds(2));
    assert_eq!(dispatcher.run_once(10).await.unwrap(), 1);
    let arrived = pigeon.arrived.lock().unwrap().clone();
    assert_eq!((arrived.len(), arrived[1].attempts), (2, 1));
    assert_eq!(arrived[1].parameters["name"], "工友");
    assert_eq!(backlog(&store).await, (0, 0));
}

#[rstest]
#[tokio::test]
async fn what_will_never_arrive_is_set_aside_at_once_and_what_nobody_delivers_in_the_end(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    let pigeon = Arc::new(Pigeon {
        fails: Mutex::new(vec![Undelivered::Never("no such roof".to_owned())]),
        ..Pigeon::default()
    });
    send(&store, owner, 1, clock.now()).await;
    let served = with_pigeon(&store, &clock, &pigeon);
    assert_eq!(served.run_once(10).await.unwrap(), 0);
    assert_eq!(dead(&store).await[0].reason, "no such roof");

    clock.advance(TimeDelta::seconds(1));
    send(&store, owner, 1, clock.now()).await;
    for _ in 0..MAX_ATTEMPTS {
        assert_eq!(backlog(&store).await, (1, 1));
        assert_eq!(dispatcher(&store, &clock).run_once(10).await.unwrap(), 0);
        clock.advance(TimeDelta::hours(1));
    }
    let letters = dead(&store).await;
    assert_eq!(
        (
            letters.len(),
            letters[0].reason.as_str(),
            letters[0].attempts
        ),
        (2, "nothing delivers the kind pigeon", MAX_ATTEMPTS),
        "newest first"
    );
}

#[rstest]
#[tokio::test]
async fn a_slow_server_never_keeps_events_beyond_their_lease(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let owner = AccountId::generate(clock.now(), &SystemRandom);
    let pigeon = Arc::new(Pigeon {
        flight: Some((clock.clone(), TimeDelta::seconds(15))),
        ..Pigeon::default()
    });
    send(&store, owner, 5, clock.now()).await;
    let dispatcher = with_pigeon(&store, &clock, &pigeon);
    assert_eq!(dispatcher.run_once(10).await.unwrap(), 3, "45 seconds");
    assert_eq!(dispatcher.run_once(10).await.unwrap(), 0, "still leased");
    clock.advance(TimeDelta::seconds(15));
    assert_eq!(dispatcher.run_once(10).await.unwrap(), 2);
    assert_eq!(pigeon.arrived.lock().unwrap().len(), 5, "each once");
}
