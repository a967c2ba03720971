use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    identity::{
        Username,
        sessions::credential::{FAILURE_WINDOW, Failure, LOCK, PasswordHash, SecondFactor},
    },
    kernel::id::AccountId,
    store::{Store, Tx},
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::database::{Kind, TestDatabase};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use super::{account, now};

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

/// A back-office account with a credential.
async fn cadre(store: &SqlStore) -> AccountId {
    let account = account(Some("cadre"));
    let mut tx = store.begin().await.unwrap();
    assert!(tx.accounts().insert(&account, None).await.unwrap());
    let hash = PasswordHash::new("$argon2id$…".to_owned());
    tx.credentials()
        .insert(account.id, &hash, now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    account.id
}

#[rstest]
#[tokio::test]
async fn a_credential_is_found_by_account_and_by_user_name(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let id = cadre(&store).await;
    let mut read = store.read().await.unwrap();
    let by_account = read.credentials().find(id).await.unwrap().unwrap();
    let by_name = read
        .credentials()
        .find_by_username(&name("cadre"))
        .await
        .unwrap()
        .unwrap();
    for credential in [by_account, by_name] {
        assert_eq!(credential.account_id, id);
        assert_eq!(credential.password.as_str(), "$argon2id$…");
        assert!(matches!(credential.second_factor, SecondFactor::None));
    }
    assert!(
        read.credentials()
            .find_by_username(&name("nobody"))
            .await
            .unwrap()
            .is_none()
    );
}

#[rstest]
#[tokio::test]
async fn only_the_secret_that_was_proved_is_confirmed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let id = cadre(&store).await;
    let (first, second) = (now(), now() + TimeDelta::seconds(1));
    let mut tx = store.begin().await.unwrap();
    assert!(
        !tx.credentials()
            .confirm_totp(id, first, first)
            .await
            .unwrap(),
        "nothing to confirm"
    );
    assert!(
        tx.credentials()
            .offer_totp(id, &SecretString::from("ONE"), first)
            .await
            .unwrap()
    );
    assert!(
        tx.credentials()
            .offer_totp(id, &SecretString::from("TWO"), second)
            .await
            .unwrap()
    );
    assert!(
        !tx.credentials()
            .confirm_totp(id, first, second)
            .await
            .unwrap(),
        "replaced meanwhile"
    );
    assert!(
        tx.credentials()
            .confirm_totp(id, second, second)
            .await
            .unwrap()
    );
    assert!(
        !tx.credentials()
            .offer_totp(id, &SecretString::from("THREE"), second)
            .await
            .unwrap(),
        "confirmed already"
    );
    let SecondFactor::Confirmed(secret) = tx
        .credentials()
        .find(id)
        .await
        .unwrap()
        .unwrap()
        .second_factor
    else {
        panic!("not confirmed")
    };
    assert_eq!(secret.expose_secret(), "TWO");
}

#[rstest]
#[tokio::test]
async fn a_step_is_used_up_with_all_before_it(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let id = cadre(&store).await;
    let mut tx = store.begin().await.unwrap();
    for (step, fresh) in [(100, true), (100, false), (99, false), (101, true)] {
        assert_eq!(
            tx.credentials().burn_totp_step(id, step).await.unwrap(),
            fresh,
            "{step}"
        );
    }
}

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
