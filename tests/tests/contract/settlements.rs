//! Contract of the settlement repositories, without people behind the rows.

use niangjia_domain::{
    kernel::id::{RedemptionId, VoucherBatchId},
    settlements::{Adjustment, AdjustmentRefused, Cause, book_adjustment},
    store::Store,
    vouchers::{batches::batch::Officer, ports::AcceptOutcome},
};
use niangjia_tests::{
    canteen::{Till, account, new_id, person},
    database::{Kind, TestDatabase},
};
use rstest::rstest;

async fn till(kind: Kind) -> (TestDatabase, Till) {
    let database = TestDatabase::new(kind).await;
    let till = Till::new(database.store().await).await;
    (database, till)
}

fn adjustment(till: &Till, batch_id: VoucherBatchId, cause: Cause, amount_fen: i64) -> Adjustment {
    Adjustment {
        id: new_id(),
        station_id: till.station,
        batch_id,
        amount_fen,
        cause,
        reason: "重复收款".to_owned(),
        made_by: Officer {
            account_id: account(),
            person_id: Some(person()),
        },
        made_at: till.now,
    }
}

async fn book(till: &Till, adjustment: &Adjustment) -> Result<(), AdjustmentRefused> {
    let mut tx = till.store.begin().await.unwrap();
    book_adjustment(&mut *tx, adjustment).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn eaten(
    till: &Till,
    batch: &niangjia_domain::vouchers::batches::batch::Batch,
    price_fen: i64,
) -> RedemptionId {
    let voucher = till.issued(batch, person()).await;
    let scan = till.redemption(&voucher, "午餐", 1, price_fen);
    let mut tx = till.store.begin().await.unwrap();
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
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let meal = eaten(&till, &batch, 1_500).await;
    book(
        &till,
        &adjustment(&till, batch.id, Cause::Redemption(meal), -500),
    )
    .await
    .unwrap();
    let again = book(
        &till,
        &adjustment(&till, batch.id, Cause::Redemption(meal), -500),
    )
    .await;
    assert!(matches!(again, Err(AdjustmentRefused::Twice)));
    let scan = new_id();
    book(
        &till,
        &adjustment(&till, batch.id, Cause::DisputedScan(scan), 1_500),
    )
    .await
    .unwrap();
    let again = book(
        &till,
        &adjustment(&till, batch.id, Cause::DisputedScan(scan), 1_500),
    )
    .await;
    assert!(matches!(again, Err(AdjustmentRefused::Twice)));
    let tally = till.tally(&batch).await;
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
    let (_database, till) = till(kind).await;
    let batch = till.running(|new| new.budget_fen = 4_000).await;
    let meal = eaten(&till, &batch, 1_500).await;
    till.issued(&batch, person()).await;
    // 1,500 spent, 1,500 reserved, 1,000 free.
    let scan = |fen| adjustment(&till, batch.id, Cause::DisputedScan(new_id()), fen);
    assert!(matches!(
        book(&till, &scan(1_001)).await,
        Err(AdjustmentRefused::NoBudget)
    ));
    book(&till, &scan(1_000)).await.unwrap();
    assert!(matches!(
        book(&till, &scan(1)).await,
        Err(AdjustmentRefused::NoBudget)
    ));
    let below_nothing = adjustment(&till, batch.id, Cause::Redemption(meal), -2_501);
    assert!(matches!(
        book(&till, &below_nothing).await,
        Err(AdjustmentRefused::NoBudget)
    ));
    assert_eq!(till.tally(&batch).await.free_fen(), 0);
}
