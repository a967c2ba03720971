//! What ends without being used, and what a cheap meal leaves.

use chrono::TimeDelta;
use niangjia_domain::{
    store::Store,
    vouchers::{ports::AcceptOutcome, wallet::voucher::VoucherState},
};
use niangjia_tests::{rows::person, servers::database::Kind};
use rstest::rstest;

use super::{accept, annul, rows, state_of};

#[rstest]
#[tokio::test]
async fn void_vouchers_release_their_reserve_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let (unused, used) = (
        rows.issued(&batch, person()).await,
        rows.issued(&batch, person()).await,
    );
    assert_eq!(
        accept(&rows, &[rows.redemption(&used, "午餐", 1, 1_500)]).await,
        [AcceptOutcome::Accepted]
    );
    let mut tx = rows.store.begin().await.unwrap();
    let before = unused.valid_to - TimeDelta::microseconds(1);
    assert!(
        tx.vouchers()
            .expire(before, before, 10)
            .await
            .unwrap()
            .is_empty(),
        "not void yet"
    );
    let (now, void) = (unused.valid_to, unused.valid_to);
    assert_eq!(
        tx.vouchers().expire(void, now, 10).await.unwrap(),
        [(batch.id, 1)]
    );
    assert!(
        tx.vouchers()
            .expire(void, now, 10)
            .await
            .unwrap()
            .is_empty(),
        "once"
    );
    tx.commit().await.unwrap();
    assert_eq!(state_of(&rows, &unused).await, VoucherState::Expired);
    assert_eq!(state_of(&rows, &used).await, VoucherState::Redeemed);
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (
            tally.expired,
            tally.redeemed,
            tally.reserved_fen,
            tally.spent_fen
        ),
        (1, 1, 0, 1_500)
    );
}

#[rstest]
#[tokio::test]
async fn what_a_cheap_meal_leaves_stays_reserved_while_it_can_be_annulled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|new| new.budget_fen = 1_500).await;
    let voucher = rows.issued(&batch, person()).await;
    let cheap = rows.redemption(&voucher, "午餐", 1, 900);
    assert_eq!(
        accept(&rows, std::slice::from_ref(&cheap)).await,
        [AcceptOutcome::Accepted]
    );
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (tally.reserved_fen, tally.spent_fen, tally.free_fen()),
        (600, 900, 0)
    );
    let release = async |accepted_before| {
        let mut tx = rows.store.begin().await.unwrap();
        let released = tx
            .redemptions()
            .release_remainders(accepted_before, rows.now, 10)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        released
    };
    assert!(
        release(rows.now).await.is_empty(),
        "it can still be annulled"
    );
    assert_eq!(
        release(rows.now + TimeDelta::seconds(1)).await,
        [(batch.id, 1)]
    );
    assert!(
        release(rows.now + TimeDelta::seconds(1)).await.is_empty(),
        "once"
    );
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (tally.reserved_fen, tally.spent_fen, tally.free_fen()),
        (0, 900, 600)
    );
    assert!(
        !annul(&rows, &cheap.redemption).await,
        "the remainder may be somebody else's by now"
    );
}
