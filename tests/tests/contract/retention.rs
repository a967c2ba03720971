//! What is forgotten leaves in steps: never more than was asked for, the oldest first, and nothing
//! that is still wanted.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Clock, Foundation, IdempotencyKey, IdempotentRequest, PageRequest,
        id::{AccountId, OutboxEventId},
        idempotency::{self, KEPT_HOURS, Reservation},
    },
    notices::{InboxDelivery, NoticeService, Template, Templates},
    outbox::{Channel, Dispatcher, OutboxEvent},
    store::Store,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    clock::WoundClock,
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;

const ROWS: i64 = 5;
const STEP: u64 = 2;

/// Steps until one finds nothing, and how much each took.
async fn in_steps<F: Future<Output = u64>>(mut step: impl FnMut() -> F) -> Vec<u64> {
    let mut taken = Vec::new();
    loop {
        let count = step().await;
        if count == 0 {
            return taken;
        }
        taken.push(count);
        assert!(taken.len() < 10, "{taken:?}");
    }
}

const HELLO: Template = Template {
    code: "hello",
    title: "问候",
    body: "您好",
    about: "wish",
};

static TEMPLATES: &[&Template] = &[&HELLO];

fn inbox() -> InboxDelivery {
    InboxDelivery {
        templates: Templates::of(&[TEMPLATES]),
    }
}

fn told(owner: AccountId, at: DateTime<Utc>) -> OutboxEvent {
    OutboxEvent::to(owner)
        .template(&HELLO)
        .about("wish_1")
        .at(at, &SystemRandom)
}

async fn append(store: &SqlStore, events: &[OutboxEvent]) {
    let mut tx = store.begin().await.unwrap();
    tx.outbox().append_all(events.to_vec()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn retry_of(store: &SqlStore, id: OutboxEventId, at: Option<DateTime<Utc>>) {
    let mut tx = store.begin().await.unwrap();
    let now = SystemClock.now();
    tx.outbox()
        .failed(id, at, now, "no such table")
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn delivered_events_leave_and_others_stay(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let dispatcher = Dispatcher {
        store: Arc::new(store.clone()),
        clock: clock.clone(),
        channels: vec![Channel::Inside(Arc::new(inbox()))],
    };
    let (owner, start) = (AccountId::generate(clock.now(), &SystemRandom), clock.now());
    let [dead, waiting] = [0, 1].map(|_| told(owner, start));
    append(&store, &[dead.clone(), waiting.clone()]).await;
    retry_of(&store, dead.id, None).await;
    retry_of(&store, waiting.id, Some(start + TimeDelta::days(99))).await;
    let old: Vec<_> = (0..ROWS)
        .map(|n| told(owner, start + TimeDelta::seconds(n)))
        .collect();
    append(&store, &old).await;
    clock.advance(TimeDelta::days(1));
    append(&store, &[told(owner, clock.now())]).await;
    assert_eq!(dispatcher.run_once(100).await.unwrap(), 6);

    let tidy = || async { dispatcher.tidy(STEP).await.unwrap() };
    assert!(in_steps(tidy).await.is_empty(), "a day old");
    clock.advance(TimeDelta::days(29) + TimeDelta::hours(1));
    assert_eq!(in_steps(tidy).await, [2, 2, 1], "the new one stays");
    let (backlog, dead_letters) = dispatcher.backlog().await.unwrap();
    assert_eq!((backlog.waiting, dead_letters), (1, 1));
    assert_eq!(
        backlog.oldest_at.map(|at| (at - start).num_seconds()),
        Some(0)
    );
}

#[rstest]
#[tokio::test]
async fn notices_leave_after_a_year(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let (store, clock) = (database.store().await, WoundClock::new());
    let service = NoticeService {
        foundation: Foundation {
            store: Arc::new(store.clone()),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
        },
    };
    let (owner, start) = (AccountId::generate(clock.now(), &SystemRandom), clock.now());
    let notice = |at| inbox().write(&told(owner, at)).unwrap();
    let mut notices: Vec<_> = (0..ROWS)
        .map(|n| notice(start + TimeDelta::seconds(n)))
        .collect();
    let kept = notice(start + TimeDelta::days(2));
    notices.push(kept.clone());
    let mut tx = store.begin().await.unwrap();
    tx.notices().deliver(&notices).await.unwrap();
    tx.commit().await.unwrap();

    let tidy = || async { service.tidy(STEP).await.unwrap() };
    clock.advance(TimeDelta::days(365));
    assert!(in_steps(tidy).await.is_empty());
    clock.advance(TimeDelta::days(1));
    assert_eq!(in_steps(tidy).await, [2, 2, 1]);
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let mut tx = store.read().await.unwrap();
    let left = tx.notices().list_of(owner, page).await.unwrap().items;
    assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [kept.id]);
}

#[rstest]
#[tokio::test]
async fn first_answers_leave_after_two_days(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let start = WoundClock::new().now();
    let account_id = AccountId::generate(start, &SystemRandom);
    let request = |n: i64| IdempotentRequest {
        account_id,
        key: IdempotencyKey::parse(&format!("key-{n}")).unwrap(),
        fingerprint: [0; 32],
    };
    let at = |n: i64| start + Duration::from_secs(n.unsigned_abs());
    for n in 0..ROWS {
        let mut tx = store.begin().await.unwrap();
        let reserved = tx.idempotency().reserve(&request(n), at(n)).await.unwrap();
        assert_eq!(reserved, Reservation::Fresh);
        tx.commit().await.unwrap();
    }

    let now = at(3) + TimeDelta::hours(KEPT_HOURS);
    let forget = || async { idempotency::forget_old(&store, now, STEP).await.unwrap() };
    assert_eq!(
        in_steps(forget).await,
        [2, 1],
        "the fourth is not older yet"
    );
    let mut tx = store.begin().await.unwrap();
    let left = tx.idempotency().reserve(&request(3), now).await.unwrap();
    assert_eq!(left, Reservation::InFlight);
    let gone = tx.idempotency().reserve(&request(2), now).await.unwrap();
    assert_eq!(gone, Reservation::Fresh);
}
