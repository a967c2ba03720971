//! What the tables note and refuse.

use niangjia_domain::{
    kernel::id::PersonId,
    store::{Store, StoreError},
    vouchers::{RefusedScan, ports::AcceptOutcome, scans::refusal::Refusal},
};
use niangjia_tests::{
    rows::{account, new_id, person},
    servers::database::Kind,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{accept, count, refused_by_the_table, rows};

#[rstest]
#[tokio::test]
async fn refused_scans_are_noted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, rows) = rows(kind).await;
    let scan = RefusedScan {
        id: new_id(),
        at: rows.now,
        scanned_at: rows.now,
        station_id: rows.station,
        staff_id: account(),
        device_id: "scanner-1".to_owned(),
        scan_id: "scan-1".to_owned(),
        reason: Refusal::InvalidCode,
        voucher_id: None,
    };
    let mut tx = rows.store.begin().await.unwrap();
    tx.redemptions().refuse(&[scan]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        count(
            &rows,
            "SELECT COUNT(*) FROM refused_scans WHERE reason = 'invalid_code'"
        )
        .await,
        1
    );
}

/// The invariants as the tables themselves hold them, whoever writes.
#[rstest]
#[tokio::test]
async fn the_tables_refuse_what_must_never_be(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await;
    assert_eq!(
        accept(&rows, &[rows.redemption(&voucher, "午餐", 1, 1_500)]).await,
        [AcceptOutcome::Accepted]
    );
    for sql in [
        "UPDATE ledger_budgets SET issued = quota + 1",
        "UPDATE ledger_budgets SET quota = issued - 1",
        "UPDATE ledger_budgets SET spent_fen = budget_fen + 1",
        "UPDATE ledger_budgets SET reserved_fen = -1",
        "UPDATE voucher_slots SET n = 0",
        "UPDATE redemptions SET amount_fen = amount_fen + 1",
        "UPDATE redemptions SET state = 'annulled'",
        "INSERT INTO voucher_slots SELECT batch_id, person_id, n, voucher_id FROM voucher_slots",
        "INSERT INTO ledger_postings SELECT * FROM ledger_postings",
        "INSERT INTO person_meals SELECT * FROM person_meals",
        "INSERT INTO voucher_used_steps SELECT * FROM voucher_used_steps",
    ] {
        refused_by_the_table(&rows, sql).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_row_that_makes_no_sense_is_named(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    rows.store
        .writer()
        .execute_unprepared("UPDATE voucher_batches SET rules = '{}'")
        .await
        .unwrap();
    let found = rows
        .store
        .read()
        .await
        .unwrap()
        .voucher_batches()
        .find_many(&[batch.id])
        .await;
    assert!(
        matches!(
            found,
            Err(StoreError::Corrupt {
                table: "voucher_batches",
                ..
            })
        ),
        "{found:?}"
    );
    let nobody: PersonId = person();
    assert!(
        rows.store
            .read()
            .await
            .unwrap()
            .vouchers()
            .slots_used(nobody, &[])
            .await
            .unwrap()
            .is_empty()
    );
}
