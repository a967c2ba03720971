//! What a station hears, the first time and again.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::Clock,
    store::Store,
    vouchers::{ScanAnswer, ScanRequest, scans::refusal::Refusal},
};
use niangjia_tests::{
    actors::once,
    rows::{meal, new_id},
    servers::database::Kind,
    town::{ScanExt, bearer},
};
use rstest::rstest;

use crate::vouchers::open;

#[rstest]
#[tokio::test]
async fn the_same_scan_id_always_gets_the_first_answer(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let (worker, voucher) = town.holder(batch).await;
    let code = town.payload(&worker, voucher).await;
    let (id, scan) = (
        once(&town.staff),
        ScanRequest {
            price_fen: Some(1_800),
            ..town.scan_of(code)
        },
    );
    let first = town.scan_again(&id, scan.clone()).await;
    let ScanAnswer::Accepted { holder_masked, .. } = &first.value else {
        panic!("{first:?}")
    };
    assert!(
        holder_masked.as_deref().unwrap().starts_with('测')
            && holder_masked.as_deref().unwrap().ends_with('*')
    );
    let accepted = first.value.accepted();
    assert_eq!((accepted.amount.get(), accepted.copay.get()), (1_500, 300));

    let new = once(&town.staff);
    for replayed in [false, true] {
        let again = town.scan_again(&new, scan.clone()).await;
        assert_eq!(again.replayed, replayed);
        let ScanAnswer::Refused {
            reason: Refusal::AlreadyRedeemed,
            used: Some(used),
        } = again.value
        else {
            panic!("{again:?}")
        };
        assert_eq!(
            (used.at, used.station_name),
            (accepted.accepted_at, town.station.name.clone())
        );
    }
    // Long after, and with the voucher back: still the first answers.
    town.services
        .vouchers
        .scans
        .annul(&town.staff, accepted.redemption_id, "扫错了人")
        .await
        .unwrap();
    town.clock.advance(TimeDelta::hours(3));
    assert_eq!(
        town.scan_again(&id, scan.clone()).await.value.accepted(),
        accepted
    );
    assert_eq!(
        town.scan_again(&new, scan).await.value.refused(),
        Refusal::AlreadyRedeemed
    );
    assert_eq!(town.count("SELECT COUNT(*) FROM refused_scans").await, 1);
    town.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn every_reason_reaches_the_station(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (town, batch) = open(kind).await;
    let (worker, voucher) = town.holder(batch).await;
    let code = town.payload(&worker, voucher).await;
    let scan = town.scan_of(code.clone());

    let elsewhere = ScanRequest {
        station_id: new_id(),
        ..scan.clone()
    };
    assert_eq!(town.scan(elsewhere).await.refused(), Refusal::StaffNotBound);
    let now = town.clock.now();
    let skewed = ScanRequest {
        scanned_at: Some(now - TimeDelta::minutes(6)),
        ..scan.clone()
    };
    assert_eq!(town.scan(skewed).await.refused(), Refusal::ClockSkew);
    for nonsense in [
        "",
        "hello",
        "00000000",
        "NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA",
    ] {
        assert_eq!(
            town.scan(town.scan_of(nonsense)).await.refused(),
            Refusal::InvalidCode,
            "{nonsense}"
        );
    }
    town.clock.advance(TimeDelta::seconds(90));
    assert_eq!(
        town.scan(scan.clone()).await.refused(),
        Refusal::CodeExpired
    );
    let in_time = ScanRequest {
        scanned_at: Some(now),
        ..scan
    };
    town.scan(in_time).await.accepted();

    // Another voucher of the same person on the same day.
    let second = town.claim(&worker, batch).await.unwrap().voucher.id;
    assert_eq!(
        town.redeem(&worker, second).await.refused(),
        Refusal::PersonMealLimit
    );
    town.clock.advance(TimeDelta::days(1));
    let mut dinner = town.new_batch();
    (dinner.name, dinner.meals) = ("晚餐券".to_owned(), vec![meal("晚餐", "17:00", "19:00")]);
    dinner.valid_from = town.clock.now() + TimeDelta::days(1);
    let dinner = town.running(dinner).await;
    let (eater, early) = town.holder(dinner).await;
    assert_eq!(
        town.redeem(&eater, early).await.refused(),
        Refusal::OutsideMealWindow
    );
    town.clock.advance(TimeDelta::hours(6));
    assert_eq!(
        town.redeem(&eater, early).await.refused(),
        Refusal::NotYetValid
    );
    town.execute("UPDATE memberships SET status = 'withdrawn'", [])
        .await;
    assert_eq!(
        town.redeem(&eater, early).await.refused(),
        Refusal::NotYetValid,
        "waiting is easier than joining"
    );
    town.clock.advance(TimeDelta::days(1));
    assert_eq!(
        town.redeem(&eater, early).await.refused(),
        Refusal::StandingInsufficient,
        "read live"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_code_scanned_by_many_devices_at_once_is_accepted_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let (worker, voucher) = town.holder(batch).await;
    let code = town.payload(&worker, voucher).await;
    let services = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    let scans: Vec<_> = (0..16)
        .map(|n| {
            let (service, staff, scan) = (
                services[n % 2].clone(),
                town.staff.clone(),
                town.scan_of(code.clone()),
            );
            tokio::spawn(async move {
                service
                    .scans
                    .redeem(bearer(&staff), once(&staff), scan)
                    .await
                    .unwrap()
                    .value
            })
        })
        .collect();
    let mut accepted = 0;
    for scan in scans {
        match scan.await.unwrap() {
            ScanAnswer::Accepted { .. } => accepted += 1,
            ScanAnswer::Refused { reason, used } => {
                assert_eq!(
                    (reason, used.is_some()),
                    (Refusal::AlreadyRedeemed, true),
                    "losers learn when and where"
                );
            }
        }
    }
    assert_eq!(accepted, 1);
    town.balanced(batch).await;
    let mut tx = town.store.read().await.unwrap();
    assert_eq!(tx.redemptions().live_of(&[voucher]).await.unwrap().len(), 1);
}
