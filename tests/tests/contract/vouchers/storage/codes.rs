//! Secrets and short codes.

use chrono::TimeDelta;
use niangjia_domain::{
    store::Store,
    vouchers::{
        codes::code::{CodeSecret, CodeStep},
        ports::NewSecret,
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    rows::{new_id, person},
    servers::database::Kind,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use super::rows;

#[rstest]
#[tokio::test]
async fn secrets_are_told_once_sealed_and_retired(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await.id;
    let secret = |device_no, device: &str| NewSecret {
        id: new_id(),
        voucher_id: voucher,
        device_no,
        device_id: device.to_owned(),
        secret: CodeSecret::generate(&SystemRandom),
        created_at: rows.now,
    };
    let (server, phone) = (secret(0, ""), secret(1, "phone"));
    let mut tx = rows.store.begin().await.unwrap();
    for (new, added) in [
        (&server, true),
        (&phone, true),
        (&secret(2, "phone"), false),
        (&secret(1, "tablet"), false),
    ] {
        assert_eq!(tx.voucher_codes().add_secret(new).await.unwrap(), added);
    }
    let found = tx.voucher_codes().secrets(&[(voucher, 1)]).await.unwrap();
    assert_eq!(
        (found.len(), found[0].1.expose()),
        (1, phone.secret.expose())
    );
    assert!(tx.voucher_codes().secrets(&[]).await.unwrap().is_empty());
    assert!(
        tx.voucher_codes()
            .add_secret(&secret(2, "tablet"))
            .await
            .unwrap()
    );
    tx.voucher_codes()
        .retire_others(voucher, 2, rows.now)
        .await
        .unwrap();
    let all = [(voucher, 0), (voucher, 1), (voucher, 2)];
    let mut alive: Vec<_> = tx
        .voucher_codes()
        .secrets(&all)
        .await
        .unwrap()
        .iter()
        .map(|(of, _)| of.1)
        .collect();
    alive.sort_unstable();
    assert_eq!(alive, [0, 2]);
    assert_eq!(
        tx.voucher_codes().devices(voucher).await.unwrap().len(),
        3,
        "retired ones are remembered"
    );
    tx.commit().await.unwrap();

    let statement = Statement::from_string(
        rows.store.writer().get_database_backend(),
        "SELECT secret FROM voucher_secrets",
    );
    for row in rows.store.writer().query_all_raw(statement).await.unwrap() {
        let sealed: Vec<u8> = row.try_get_by_index(0).unwrap();
        let clear = phone.secret.expose();
        assert!(
            !sealed
                .windows(8)
                .any(|window| window == &clear.as_bytes()[..8])
        );
    }
}

#[rstest]
#[tokio::test]
async fn short_codes_stand_for_one_step_and_are_forgotten(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let (one, two) = (
        rows.issued(&batch, person()).await.id,
        rows.issued(&batch, person()).await.id,
    );
    let step = |voucher| CodeStep::at(voucher, 0, rows.now);
    let mut tx = rows.store.begin().await.unwrap();
    assert!(
        tx.voucher_codes()
            .add_short_code("12345678", step(one))
            .await
            .unwrap()
    );
    assert!(
        !tx.voucher_codes()
            .add_short_code("12345678", step(two))
            .await
            .unwrap(),
        "in use: draw again"
    );
    let asked = ["12345678".to_owned(), "87654321".to_owned()];
    let found = tx.voucher_codes().steps_of(&asked).await.unwrap();
    assert_eq!(found, [(asked[0].clone(), step(one))]);
    let later = CodeStep {
        step: step(one).step + 21,
        ..step(one)
    };
    assert!(
        tx.voucher_codes()
            .add_short_code("11112222", later)
            .await
            .unwrap()
    );
    assert!(
        tx.voucher_codes()
            .steps_of(&asked[..1])
            .await
            .unwrap()
            .is_empty(),
        "stale ones of the voucher are gone"
    );
    assert!(
        tx.voucher_codes()
            .used(&[step(one)])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        tx.voucher_codes()
            .forget_short_codes(rows.now + TimeDelta::hours(1), 10)
            .await
            .unwrap(),
        1
    );
}
