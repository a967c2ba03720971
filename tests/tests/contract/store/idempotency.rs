//! Contract of the first answers.

use niangjia_domain::{
    kernel::{Clock, IdempotencyKey, IdempotentRequest, id::AccountId, idempotency::Reservation},
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use serde_json::json;

fn request(account_id: AccountId, fingerprint: u8) -> IdempotentRequest {
    IdempotentRequest {
        account_id,
        key: IdempotencyKey::parse("key-1").unwrap(),
        fingerprint: [fingerprint; 32],
    }
}

#[rstest]
#[tokio::test]
async fn the_first_answer_is_kept_with_its_effect(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let now = SystemClock.now();
    let account = AccountId::generate(now, &SystemRandom);

    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.idempotency()
            .reserve(&request(account, 1), now)
            .await
            .unwrap(),
        Reservation::Fresh
    );
    drop(tx);

    let mut tx = store.begin().await.unwrap();
    let again = tx
        .idempotency()
        .reserve(&request(account, 1), now)
        .await
        .unwrap();
    assert_eq!(
        again,
        Reservation::Fresh,
        "rolled back with its transaction"
    );
    tx.idempotency()
        .record(&request(account, 1), json!({ "id": 1 }))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let first = tx
        .idempotency()
        .reserve(&request(account, 1), now)
        .await
        .unwrap();
    assert_eq!(first, Reservation::Answered(json!({ "id": 1 })));
    assert_eq!(
        tx.idempotency()
            .reserve(&request(account, 2), now)
            .await
            .unwrap(),
        Reservation::OtherBody
    );
    let stranger = AccountId::generate(now, &SystemRandom);
    assert_eq!(
        tx.idempotency()
            .reserve(&request(stranger, 2), now)
            .await
            .unwrap(),
        Reservation::Fresh
    );
}

#[tokio::test]
async fn a_twin_in_flight_on_postgresql_is_told_so() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let (one, two) = (database.store().await, database.store().await);
    let now = SystemClock.now();
    let account = AccountId::generate(now, &SystemRandom);

    let mut first = one.begin().await.unwrap();
    assert_eq!(
        first
            .idempotency()
            .reserve(&request(account, 1), now)
            .await
            .unwrap(),
        Reservation::Fresh
    );
    let mut twin = two.begin().await.unwrap();
    assert_eq!(
        twin.idempotency()
            .reserve(&request(account, 1), now)
            .await
            .unwrap(),
        Reservation::InFlight
    );
}

#[rstest]
#[tokio::test]
async fn a_group_looks_up_many_keys_and_keeps_its_answers_at_its_end(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let now = SystemClock.now();
    let [one, two, three] = [0, 1, 2].map(|_| request(AccountId::generate(now, &SystemRandom), 1));
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.idempotency()
            .first_answers(&[])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(tx.idempotency().keep(Vec::new(), now).await.unwrap());
    assert!(
        tx.idempotency()
            .keep(
                vec![(&two, json!({ "id": 2 })), (&one, json!({ "id": "一'\"" }))],
                now
            )
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let other_body = IdempotentRequest {
        fingerprint: [9; 32],
        ..two.clone()
    };
    let known = tx
        .idempotency()
        .first_answers(&[&three, &two, &one, &other_body])
        .await
        .unwrap();
    let answered = |json| Reservation::Answered(json);
    let expected = [
        Reservation::Fresh,
        answered(json!({ "id": 2 })),
        answered(json!({ "id": "一'\"" })),
        Reservation::OtherBody,
    ];
    assert_eq!(known, expected);
    assert_eq!(
        tx.idempotency().reserve(&one, now).await.unwrap(),
        expected[2],
        "the same to those who go alone"
    );
    let late = tx
        .idempotency()
        .keep(vec![(&three, json!(3)), (&one, json!(1))], now)
        .await
        .unwrap();
    assert!(!late, "one of the keys was taken meanwhile");
}
