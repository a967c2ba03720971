//! Passwords and second factors: found, confirmed, used up.

use chrono::TimeDelta;
use niangjia_domain::{identity::sessions::credential::SecondFactor, store::Store};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use super::{cadre, name};
use crate::identity::now;

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
