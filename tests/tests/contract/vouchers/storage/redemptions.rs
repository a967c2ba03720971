//! Redemptions and annulments: what they spend and give back.

use niangjia_domain::{
    store::Store,
    vouchers::{
        ports::AcceptOutcome, scans::redemption::RedemptionState, wallet::voucher::VoucherState,
    },
};
use niangjia_tests::{
    rows::{new_id, person},
    servers::database::Kind,
};
use rstest::rstest;

use super::{FIRST, accept, annul, count, meal, rows, state_of};

#[rstest]
#[tokio::test]
async fn a_redemption_spends_and_its_annulment_gives_everything_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let voucher = rows.issued(&batch, person()).await;
    let first = rows.redemption(&voucher, "午餐", 1, 1_800);
    assert_eq!(
        accept(&rows, std::slice::from_ref(&first)).await,
        [AcceptOutcome::Accepted]
    );
    assert_eq!(state_of(&rows, &voucher).await, VoucherState::Redeemed);
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (tally.redeemed, tally.reserved_fen, tally.spent_fen),
        (1, 0, 1_500)
    );

    let mut tx = rows.store.read().await.unwrap();
    let live = tx.redemptions().live_of(&[voucher.id]).await.unwrap();
    assert_eq!(live, vec![first.redemption.clone()]);
    assert_eq!(
        tx.redemptions()
            .find_at(live[0].id, &[rows.station])
            .await
            .unwrap()
            .as_ref(),
        live.first()
    );
    assert_eq!(
        tx.redemptions()
            .find_at(live[0].id, &[new_id()])
            .await
            .unwrap(),
        None,
        "another station's"
    );
    let day = first.redemption.meal.day;
    assert_eq!(
        tx.redemptions()
            .list_at(rows.station, day, FIRST)
            .await
            .unwrap()
            .items,
        live
    );
    assert!(
        tx.redemptions()
            .list_at(rows.station, day.succ_opt().unwrap(), FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    drop(tx);

    assert!(annul(&rows, &first.redemption).await);
    assert!(!annul(&rows, &first.redemption).await, "once");
    assert_eq!(state_of(&rows, &voucher).await, VoucherState::Issued);
    let tally = rows.tally(&batch).await;
    assert_eq!(
        (tally.live, tally.reserved_fen, tally.spent_fen),
        (1, 1_500, 0)
    );
    let mut tx = rows.store.read().await.unwrap();
    assert!(
        tx.redemptions()
            .live_of(&[voucher.id])
            .await
            .unwrap()
            .is_empty()
    );
    let annulled = tx
        .redemptions()
        .find_at(first.redemption.id, &[rows.station])
        .await
        .unwrap()
        .unwrap();
    assert!(
        matches!(annulled.state, RedemptionState::Annulled { .. }),
        "history is never deleted"
    );
    drop(tx);

    let replay = rows.redemption(&voucher, "午餐", 1, 1_800);
    assert_eq!(
        accept(&rows, &[replay]).await,
        [AcceptOutcome::Lost],
        "the code stays used"
    );
    let fresh = rows.redemption(&voucher, "午餐", 2, 1_800);
    assert_eq!(
        accept(&rows, &[fresh]).await,
        [AcceptOutcome::Accepted],
        "the meal is free again"
    );
    assert_eq!(
        count(&rows, "SELECT COUNT(*) FROM ledger_postings").await,
        4,
        "reserve, spend, reverse, spend"
    );
    rows.tally(&batch).await;
}

#[rstest]
#[tokio::test]
async fn losers_in_a_call_leave_nothing_behind(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|_| {}).await;
    let eater = person();
    let (one, two, other) = (
        rows.issued(&batch, eater).await,
        rows.issued(&batch, eater).await,
        rows.issued(&batch, person()).await,
    );
    let scans = [
        rows.redemption(&one, "午餐", 1, 1_500),
        // The same person's second town.
        rows.redemption(&two, "午餐", 1, 1_500),
        // The same voucher again, for dinner, with another code.
        rows.redemption(&one, "晚餐", 2, 1_500),
        // A neighbour.
        rows.redemption(&other, "午餐", 1, 1_500),
        // The neighbour's code again.
        rows.redemption(&other, "晚餐", 1, 1_500),
    ];
    let (yes, no) = (AcceptOutcome::Accepted, AcceptOutcome::Lost);
    assert_eq!(accept(&rows, &scans).await, [yes, no, no, yes, no]);
    assert_eq!(rows.tally(&batch).await.redeemed, 2);
    assert_eq!(
        count(&rows, "SELECT COUNT(*) FROM voucher_used_steps").await,
        2
    );
    assert_eq!(count(&rows, "SELECT COUNT(*) FROM person_meals").await, 2);
    // Dinner and its code are still there for the second voucher.
    let dinner = rows.redemption(&two, "晚餐", 1, 1_500);
    assert_eq!(accept(&rows, &[dinner]).await, [yes]);
    let asked = [
        (eater, meal(&rows, "午餐")),
        (eater, meal(&rows, "早餐")),
        (person(), meal(&rows, "午餐")),
    ];
    let taken = rows
        .store
        .read()
        .await
        .unwrap()
        .redemptions()
        .meals_taken(&asked)
        .await
        .unwrap();
    assert_eq!(taken, [asked[0].clone()]);
    assert!(accept(&rows, &[]).await.is_empty());
}
