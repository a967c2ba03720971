//! Wrong tries: counted, forgiven by time, swept.

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    identity::sessions::credential::{FAILURE_WINDOW, Failure, LOCK},
    store::{Store, Tx},
};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;

use super::name;
use crate::identity::now;

async fn fail(tx: &mut dyn Tx, times: u32, at: DateTime<Utc>) -> Failure {
    let mut failure = Failure {
        count: 0,
        locked_until: None,
    };
    for _ in 0..times {
        failure = tx
            .credentials()
            .note_failure(&name("cadre"), at)
            .await
            .unwrap();
    }
    failure
}

#[rstest]
#[tokio::test]
async fn the_fifth_failure_locks_and_time_unlocks(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let start = now();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        fail(&mut *tx, 4, start).await,
        Failure {
            count: 4,
            locked_until: None
        }
    );
    assert_eq!(
        tx.credentials()
            .locked_until(&name("cadre"), start)
            .await
            .unwrap(),
        None
    );
    let until = start + LOCK;
    assert_eq!(
        fail(&mut *tx, 1, start).await,
        Failure {
            count: 5,
            locked_until: Some(until)
        }
    );
    assert_eq!(
        tx.credentials()
            .locked_until(&name("cadre"), start)
            .await
            .unwrap(),
        Some(until)
    );
    assert_eq!(
        tx.credentials()
            .locked_until(&name("other"), start)
            .await
            .unwrap(),
        None
    );

    let late = until - TimeDelta::seconds(1);
    assert_eq!(
        fail(&mut *tx, 1, late).await,
        Failure {
            count: 6,
            locked_until: Some(until)
        },
        "not prolonged"
    );
    tx.credentials()
        .forgive(&name("cadre"), late)
        .await
        .unwrap();
    assert_eq!(
        tx.credentials()
            .locked_until(&name("cadre"), late)
            .await
            .unwrap(),
        Some(until),
        "not forgiven"
    );

    assert_eq!(
        tx.credentials()
            .locked_until(&name("cadre"), until)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        fail(&mut *tx, 1, until).await,
        Failure {
            count: 1,
            locked_until: None
        },
        "counted afresh"
    );
}

#[rstest]
#[tokio::test]
async fn failures_far_apart_do_not_add_up(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let start = now();
    let mut tx = store.begin().await.unwrap();
    fail(&mut *tx, 4, start).await;
    assert_eq!(fail(&mut *tx, 1, start + FAILURE_WINDOW).await.count, 1);
    tx.credentials()
        .forgive(&name("cadre"), start)
        .await
        .unwrap();
    assert_eq!(
        fail(&mut *tx, 1, start).await.count,
        1,
        "forgiven by a right password"
    );
}

#[rstest]
#[tokio::test]
async fn what_no_longer_counts_is_swept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let start = now();
    let mut tx = store.begin().await.unwrap();
    fail(&mut *tx, 5, start).await;
    tx.credentials()
        .note_failure(&name("other"), start + TimeDelta::minutes(10))
        .await
        .unwrap();
    assert_eq!(
        tx.credentials()
            .forget_stale_failures(start, 10)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        tx.credentials()
            .forget_stale_failures(start + FAILURE_WINDOW, 10)
            .await
            .unwrap(),
        1,
        "the ended lock"
    );
    assert_eq!(
        tx.credentials()
            .forget_stale_failures(start + TimeDelta::hours(1), 10)
            .await
            .unwrap(),
        1
    );
}
