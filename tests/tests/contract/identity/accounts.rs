use niangjia_domain::{
    kernel::{Phone, id::PersonId},
    store::Store,
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use super::{account, now, stored};

#[rstest]
#[tokio::test]
async fn an_account_reads_back(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let (worker, cadre) = (account(None), account(Some("cadre")));
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.accounts()
            .insert(&worker, Some("openid-1"))
            .await
            .unwrap()
    );
    assert!(tx.accounts().insert(&cadre, None).await.unwrap());
    tx.commit().await.unwrap();

    let mut read = store.read().await.unwrap();
    assert_eq!(
        read.accounts().find(worker.id).await.unwrap(),
        Some(worker.clone())
    );
    assert_eq!(
        read.accounts().find(cadre.id).await.unwrap(),
        Some(cadre.clone())
    );
    assert_eq!(
        read.accounts().find_by_openid("openid-1").await.unwrap(),
        Some(worker.id)
    );
    assert_eq!(
        read.accounts().find_by_openid("openid-2").await.unwrap(),
        None
    );
    assert_eq!(
        read.accounts()
            .openid_of(worker.id)
            .await
            .unwrap()
            .as_deref(),
        Some("openid-1")
    );
    assert_eq!(read.accounts().openid_of(cadre.id).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn an_openid_and_a_user_name_have_one_account(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.accounts()
            .insert(&account(None), Some("openid-1"))
            .await
            .unwrap()
    );
    assert!(
        !tx.accounts()
            .insert(&account(None), Some("openid-1"))
            .await
            .unwrap()
    );
    assert!(
        tx.accounts()
            .insert(&account(Some("cadre")), None)
            .await
            .unwrap()
    );
    assert!(
        !tx.accounts()
            .insert(&account(Some("Cadre")), None)
            .await
            .unwrap()
    );
    assert!(
        tx.accounts()
            .insert(&account(None), Some("openid-2"))
            .await
            .unwrap(),
        "the transaction lives on"
    );
}

#[rstest]
#[tokio::test]
async fn a_phone_is_set_and_changed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let id = stored(&store, "openid-1").await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.accounts().phone_of(id).await.unwrap(), None);
    for number in ["13800005678", "13900001234"] {
        let phone = Phone::parse(number).unwrap();
        tx.accounts().set_phone(id, &phone).await.unwrap();
        assert_eq!(tx.accounts().phone_of(id).await.unwrap(), Some(phone));
    }
}

#[rstest]
#[tokio::test]
async fn an_account_belongs_to_one_person(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let id = stored(&store, "openid-1").await;
    let person = || PersonId::generate(now(), &SystemRandom);
    let (one, other) = (person(), person());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.accounts().person_of(id).await.unwrap(), None);
    assert!(tx.accounts().link_person(id, one).await.unwrap());
    assert!(
        tx.accounts().link_person(id, one).await.unwrap(),
        "the same one again"
    );
    assert!(!tx.accounts().link_person(id, other).await.unwrap());
    assert_eq!(tx.accounts().person_of(id).await.unwrap(), Some(one));
}

#[rstest]
#[tokio::test]
async fn nothing_personal_stands_in_clear(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let id = stored(&store, "canary-openid").await;
    let mut tx = store.begin().await.unwrap();
    tx.accounts()
        .set_phone(id, &Phone::parse("13800005678").unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let sql = "SELECT openid, openid_index, phone, phone_index FROM accounts";
    let statement = Statement::from_string(store.writer().get_database_backend(), sql);
    let row = store
        .writer()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    for column in ["openid", "openid_index", "phone", "phone_index"] {
        let bytes: Vec<u8> = row.try_get("", column).unwrap();
        let holds = |text: &str| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        assert!(
            bytes.len() >= 32 && !holds("canary") && !holds("13800005678"),
            "{column}"
        );
    }
}
