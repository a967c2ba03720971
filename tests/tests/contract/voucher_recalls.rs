//! Recalls, from the order to the last voucher.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::PageRequest,
    vouchers::{
        VoucherError,
        batches::batch::{BatchStatus, Switch},
        recall::Whom,
        scans::refusal::Refusal,
        wallet::voucher::VoucherState,
    },
};
use niangjia_tests::{
    canteen::{Canteen, ScanExt},
    database::Kind,
    releases::Desk,
};
use rstest::rstest;

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

#[rstest]
#[tokio::test]
async fn one_persons_unused_vouchers_are_taken_back_and_nobody_elses(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let batch = canteen.running(canteen.new_batch()).await;
    let (one, used) = canteen.holder(batch).await;
    let unused = canteen.claim(&one, batch).await.unwrap().voucher.id;
    let (two, others) = canteen.holder(batch).await;
    canteen.eat(&one, used).await.accepted();

    let whom = Whom::Person(one.person_id.unwrap());
    let recall = desk
        .recalls
        .order(&canteen.maker, batch, whom, "发放有误")
        .await
        .unwrap();
    assert_eq!((recall.recalled, recall.finished_at), (1, None));
    let tally = canteen.balanced(batch).await;
    assert_eq!(
        (
            tally.live,
            tally.redeemed,
            tally.recalled,
            tally.reserved_fen
        ),
        (1, 1, 1, 1_500)
    );
    assert_eq!(
        canteen
            .vouchers
            .wallet
            .my_voucher(&one, unused)
            .await
            .unwrap()
            .state,
        VoucherState::Recalled
    );
    let code = canteen.vouchers.codes.show_code(&one, unused).await;
    assert!(matches!(
        code,
        Err(VoucherError::VoucherNotUsable(VoucherState::Recalled))
    ));
    let told = canteen.scene.inbox(&one).await;
    assert!(
        told.iter()
            .any(|(topic, body)| topic == "voucher_recalled" && body.contains("发放有误"))
    );
    canteen.eat(&two, others).await.accepted();
    // A second order finds nothing, and the numbered slots stay used.
    assert_eq!(
        desk.recalls
            .order(&canteen.maker, batch, whom, "再次收回")
            .await
            .unwrap()
            .recalled,
        0
    );
    assert!(matches!(
        canteen.claim(&one, batch).await,
        Err(VoucherError::PersonLimitReached)
    ));
}

#[rstest]
#[tokio::test]
async fn everybodys_vouchers_are_taken_back_round_by_round_once_the_batch_is_stopped(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let batch = canteen.running(canteen.new_batch()).await;
    let (eater, used) = canteen.holder(batch).await;
    for _ in 0..4 {
        canteen.holder(batch).await;
    }
    canteen.eat(&eater, used).await.accepted();
    let everybody = async || {
        desk.recalls
            .order(&canteen.maker, batch, Whom::Everybody, "批次作废")
            .await
    };
    let early = everybody().await;
    assert!(matches!(
        early,
        Err(VoucherError::RecallRefused(BatchStatus::Running))
    ));
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Stop)
        .await
        .unwrap();

    let recall = everybody().await.unwrap();
    assert_eq!(
        recall.recalled, 4,
        "the first hundred are recalled with the order"
    );
    // The scan of before is annulled: the voucher comes back, and is recalled too.
    let mistaken = canteen
        .scene
        .count("SELECT COUNT(*) FROM redemptions WHERE state = 'accepted'")
        .await;
    assert_eq!(mistaken, 1);
    let day = canteen
        .vouchers
        .scans
        .redemptions_at(&canteen.staff, canteen.scene.station.id, None, FIRST)
        .await
        .unwrap();
    canteen
        .vouchers
        .scans
        .annul(&canteen.staff, day.items[0].id, "扫错了")
        .await
        .unwrap();
    assert_eq!(desk.recalls.run_open(2).await.unwrap(), 1);
    assert_eq!(desk.recalls.run_open(2).await.unwrap(), 0);
    let shown = async || {
        desk.recalls
            .recalls(&canteen.checker, batch, FIRST)
            .await
            .unwrap()
            .items
            .remove(0)
    };
    assert_eq!(
        (shown().await.recalled, shown().await.finished_at),
        (5, None)
    );
    canteen.scene.clock.advance(TimeDelta::minutes(16));
    assert_eq!(desk.recalls.run_open(2).await.unwrap(), 0);
    assert!(shown().await.finished_at.is_some());
    let tally = canteen.balanced(batch).await;
    assert_eq!(
        (
            tally.live,
            tally.recalled,
            tally.reserved_fen,
            tally.spent_fen
        ),
        (0, 5, 0, 0)
    );
    canteen
        .vouchers
        .batches
        .close(&canteen.maker, batch)
        .await
        .unwrap();
    assert!(matches!(
        everybody().await,
        Err(VoucherError::RecallRefused(BatchStatus::Closed))
    ));
}

#[rstest]
#[tokio::test]
async fn a_recalled_voucher_is_refused_at_the_scan(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let code = canteen.payload(&worker, voucher).await;
    let whom = Whom::Person(worker.person_id.unwrap());
    desk.recalls
        .order(&canteen.maker, batch, whom, "发放有误")
        .await
        .unwrap();
    assert_eq!(
        canteen.scan(canteen.scan_of(code)).await.refused(),
        Refusal::Deactivated
    );
    canteen.balanced(batch).await;
}
