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
    servers::database::Kind,
    town::{ScanExt, Town},
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
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let batch = town.running(town.new_batch()).await;
    let (one, used) = town.holder(batch).await;
    let unused = town.claim(&one, batch).await.unwrap().voucher.id;
    let (two, others) = town.holder(batch).await;
    town.redeem(&one, used).await.accepted();

    let whom = Whom::Person(one.person_id.unwrap());
    let recall = services
        .recalls
        .order(&town.maker, batch, whom, "发放有误")
        .await
        .unwrap();
    assert_eq!((recall.recalled, recall.finished_at), (1, None));
    let tally = town.balanced(batch).await;
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
        town.services
            .vouchers
            .wallet
            .my_voucher(&one, unused)
            .await
            .unwrap()
            .state,
        VoucherState::Recalled
    );
    let code = town.services.vouchers.codes.show_code(&one, unused).await;
    assert!(matches!(
        code,
        Err(VoucherError::VoucherNotUsable(VoucherState::Recalled))
    ));
    let told = town.inbox(&one).await;
    assert!(
        told.iter()
            .any(|(topic, body)| topic == "voucher_recalled" && body.contains("发放有误"))
    );
    town.redeem(&two, others).await.accepted();
    // A second order finds nothing, and the numbered slots stay used.
    assert_eq!(
        services
            .recalls
            .order(&town.maker, batch, whom, "再次收回")
            .await
            .unwrap()
            .recalled,
        0
    );
    assert!(matches!(
        town.claim(&one, batch).await,
        Err(VoucherError::PersonLimitReached)
    ));
}

#[rstest]
#[tokio::test]
async fn everybodys_vouchers_are_taken_back_round_by_round_once_the_batch_is_stopped(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let batch = town.running(town.new_batch()).await;
    let (eater, used) = town.holder(batch).await;
    for _ in 0..4 {
        town.holder(batch).await;
    }
    town.redeem(&eater, used).await.accepted();
    let everybody = async || {
        services
            .recalls
            .order(&town.maker, batch, Whom::Everybody, "批次作废")
            .await
    };
    let early = everybody().await;
    assert!(matches!(
        early,
        Err(VoucherError::RecallRefused(BatchStatus::Running))
    ));
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Stop)
        .await
        .unwrap();

    let recall = everybody().await.unwrap();
    assert_eq!(
        recall.recalled, 4,
        "the first hundred are recalled with the order"
    );
    // The scan of before is annulled: the voucher comes back, and is recalled too.
    let mistaken = town
        .count("SELECT COUNT(*) FROM redemptions WHERE state = 'accepted'")
        .await;
    assert_eq!(mistaken, 1);
    let day = town
        .services
        .vouchers
        .scans
        .redemptions_at(&town.staff, town.station.id, None, FIRST)
        .await
        .unwrap();
    town.services
        .vouchers
        .scans
        .annul(&town.staff, day.items[0].id, "扫错了")
        .await
        .unwrap();
    assert_eq!(services.recalls.run_open(2).await.unwrap(), 1);
    assert_eq!(services.recalls.run_open(2).await.unwrap(), 0);
    let shown = async || {
        services
            .recalls
            .recalls(&town.checker, batch, FIRST)
            .await
            .unwrap()
            .items
            .remove(0)
    };
    assert_eq!(
        (shown().await.recalled, shown().await.finished_at),
        (5, None)
    );
    town.clock.advance(TimeDelta::minutes(16));
    assert_eq!(services.recalls.run_open(2).await.unwrap(), 0);
    assert!(shown().await.finished_at.is_some());
    let tally = town.balanced(batch).await;
    assert_eq!(
        (
            tally.live,
            tally.recalled,
            tally.reserved_fen,
            tally.spent_fen
        ),
        (0, 5, 0, 0)
    );
    town.services
        .vouchers
        .batches
        .close(&town.maker, batch)
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
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    let code = town.payload(&worker, voucher).await;
    let whom = Whom::Person(worker.person_id.unwrap());
    services
        .recalls
        .order(&town.maker, batch, whom, "发放有误")
        .await
        .unwrap();
    assert_eq!(
        town.scan(town.scan_of(code)).await.refused(),
        Refusal::Deactivated
    );
    town.balanced(batch).await;
}
