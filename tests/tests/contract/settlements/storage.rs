//! Contract of the settlement repositories, without people behind the rows.

use niangjia_domain::{
    kernel::id::{RedemptionId, VoucherBatchId},
    settlements::{Adjustment, AdjustmentRefused, Cause, book_adjustment},
    store::Store,
    vouchers::{batches::batch::Officer, ports::AcceptOutcome},
};
use niangjia_tests::{
    rows::{VoucherRows, account, new_id, person},
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;

async fn rows(kind: Kind) -> (TestDatabase, VoucherRows) {
    let database = TestDatabase::new(kind).await;
    let rows = VoucherRows::new(database.store().await).await;
    (database, rows)
}

fn adjustment(
    rows: &VoucherRows,
    batch_id: VoucherBatchId,
    cause: Cause,
    amount_fen: i64,
) -> Adjustment {
    Adjustment {
        id: new_id(),
        station_id: rows.station,
        batch_id,
        amount_fen,
        cause,
        reason: "重复收款".to_owned(),
        made_by: Officer {
            account_id: account(),
            person_id: Some(person()),
        },
        made_at: rows.now,
    }
}

async fn book(rows: &VoucherRows, adjustment: &Adjustment) -> Result<(), AdjustmentRefused> {
    let mut tx = rows.store.begin().await.unwrap();
    book_adjustment(&mut *tx, adjustment).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn eaten(
    rows: &VoucherRows,
    batch: &niangjia_domain::vouchers::batches::batch::Batch,
    price_fen: i64,
) -> RedemptionId {
    let voucher = rows.issued(batch, person()).await;
    let scan = rows.redemption(&voucher, "午餐", 1, price_fen);
    let mut tx = rows.store.begin().await.unwrap();
    assert_eq!(
        tx.redemptions()
            .accept(std::slice::from_ref(&scan))
            .await
            .unwrap(),
        [AcceptOutcome::Accepted]
    );
    tx.commit().await.unwrap();
    scan.redemption.id
}

#[rstest]
#[tokio::test]
async fn an_adjustment_moves_what_is_spent_once_per_cause(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let meal = eaten(&rows, &batch, 1_500).await;
    book(
        &rows,
        &adjustment(&rows, batch.id, Cause::Redemption(meal), -500),
    )
    .await
    .unwrap();
    let again = book(
        &rows,
        &adjustment(&rows, batch.id, Cause::Redemption(meal), -500),
    )
    .await;
    assert!(matches!(again, Err(AdjustmentRefused::Twice)));
    let scan = new_id();
    book(
        &rows,
        &adjustment(&rows, batch.id, Cause::DisputedScan(scan), 1_500),
    )
    .await
    .unwrap();
    let again = book(
        &rows,
        &adjustment(&rows, batch.id, Cause::DisputedScan(scan), 1_500),
    )
    .await;
    assert!(matches!(again, Err(AdjustmentRefused::Twice)));
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (
            tally.spent_fen,
            tally.redemptions_fen,
            tally.adjustments_fen
        ),
        (2_500, 1_500, 1_000)
    );
}

#[rstest]
#[tokio::test]
async fn an_adjustment_never_overdraws_the_budget(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|new| new.budget_fen = 4_000).await;
    let meal = eaten(&rows, &batch, 1_500).await;
    rows.issued(&batch, person()).await;
    // 1,500 spent, 1,500 reserved, 1,000 free.
    let scan = |fen| adjustment(&rows, batch.id, Cause::DisputedScan(new_id()), fen);
    assert!(matches!(
        book(&rows, &scan(1_001)).await,
        Err(AdjustmentRefused::NoBudget)
    ));
    book(&rows, &scan(1_000)).await.unwrap();
    assert!(matches!(
        book(&rows, &scan(1)).await,
        Err(AdjustmentRefused::NoBudget)
    ));
    let below_nothing = adjustment(&rows, batch.id, Cause::Redemption(meal), -2_501);
    assert!(matches!(
        book(&rows, &below_nothing).await,
        Err(AdjustmentRefused::NoBudget)
    ));
    assert_eq!(rows.tally(&batch).await.free_fen(), 0);
}
