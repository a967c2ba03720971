//! Contract of what moves and ends a batch's books: the budget and the closure.

use niangjia_domain::{
    kernel::Fen,
    store::Store,
    vouchers::{batches::batch::Unfinished, ports::AcceptOutcome},
};
use niangjia_tests::{
    rows::{VoucherRows, person},
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

#[rstest]
#[tokio::test]
async fn the_budget_is_compared_and_set(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let rows = VoucherRows::new(database.store().await).await;
    let batch = rows.running(|new| new.budget_fen = 10_000).await;
    for _ in 0..2 {
        rows.issued(&batch, person()).await;
    }
    let mut tx = rows.store.begin().await.unwrap();
    for (current, target, done) in [
        (9_999, 20_000, false),
        (10_000, 2_999, false),
        (10_000, 3_000, true),
        (10_000, 20_000, false),
    ] {
        let [from, to] = [current, target].map(|fen| Fen::new(fen).unwrap());
        assert_eq!(
            tx.ledger()
                .set_total(batch.id.into(), from, to)
                .await
                .unwrap(),
            done,
            "{current}→{target}"
        );
    }
    assert_eq!(
        tx.ledger().budgets(&[batch.id.into()]).await.unwrap()[0].free(),
        Fen::ZERO
    );
}

#[rstest]
#[tokio::test]
async fn books_are_shut_when_nothing_is_live_reserved_or_unsettled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let rows = VoucherRows::new(database.store().await).await;
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await;
    let find = async || {
        let mut tx = rows.store.begin().await.unwrap();
        let (shut, left) = (
            tx.voucher_batches().shut_for_good(batch.id).await.unwrap(),
            tx.voucher_batches()
                .unfinished(batch.id)
                .await
                .unwrap()
                .unwrap(),
        );
        let open = tx.ledger().budgets(&[batch.id.into()]).await.unwrap()[0].open;
        assert_eq!(open, !shut);
        (shut, left)
    };
    assert_eq!(
        find().await,
        (
            false,
            Unfinished {
                live: 1,
                reserved_fen: 1_500,
                unsettled: 0,
                running: 0
            }
        )
    );
    let mut tx = rows.store.begin().await.unwrap();
    let scan = rows.redemption(&voucher, "午餐", 1, 1_500);
    assert_eq!(
        tx.redemptions().accept(&[scan]).await.unwrap(),
        [AcceptOutcome::Accepted]
    );
    tx.commit().await.unwrap();
    assert_eq!(
        find().await,
        (
            false,
            Unfinished {
                live: 0,
                reserved_fen: 0,
                unsettled: 1,
                running: 0
            }
        )
    );
    rows.store
        .writer()
        .execute_unprepared("UPDATE redemptions SET state = 'settled'")
        .await
        .unwrap();
    assert_eq!(
        find().await,
        (
            true,
            Unfinished {
                live: 0,
                reserved_fen: 0,
                unsettled: 0,
                running: 0
            }
        )
    );
}
