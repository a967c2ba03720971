//! Vouchers that are over, and scans that are taken back.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Actor, Clock, Grant},
    vouchers::{
        VoucherError, codes::code::CodeStep, scans::refusal::Refusal, wallet::voucher::VoucherState,
    },
};
use niangjia_tests::{rows::new_id, servers::database::Kind, town::ScanExt};
use rstest::rstest;

use crate::vouchers::{FIRST, open};

#[rstest]
#[tokio::test]
async fn a_void_voucher_is_refused_without_any_sweep_and_swept_later(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let (worker, voucher) = town.holder(batch).await;
    let phone = town
        .services
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    town.clock.advance(TimeDelta::days(30));
    let now = town.clock.now();
    let code = CodeStep::at(voucher, phone.device_no, now).payload(&phone.secret);
    assert_eq!(
        town.scan(town.scan_of(code)).await.refused(),
        Refusal::Expired
    );
    let gone = town
        .services
        .vouchers
        .codes
        .show_code(&worker, voucher)
        .await;
    assert!(matches!(
        gone,
        Err(VoucherError::VoucherNotUsable(VoucherState::Expired))
    ));
    let tally = town.balanced(batch).await;
    assert_eq!((tally.expired, tally.reserved_fen), (1, 1_500));
    assert_eq!(
        town.services
            .vouchers
            .wallet
            .expire_unused(100)
            .await
            .unwrap(),
        0,
        "a late scan may still arrive"
    );
    town.clock.advance(TimeDelta::minutes(10));
    assert_eq!(
        town.services
            .vouchers
            .wallet
            .expire_unused(100)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        town.services
            .vouchers
            .wallet
            .expire_unused(100)
            .await
            .unwrap(),
        0
    );
    assert_eq!(town.balanced(batch).await.reserved_fen, 0);
}

#[rstest]
#[tokio::test]
async fn a_scan_is_annulled_at_its_station_within_fifteen_minutes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let (worker, voucher) = town.holder(batch).await;
    let scan = town.redeem(&worker, voucher).await.accepted();
    let vouchers = &town.services.vouchers;
    let stranger = Actor {
        grants: vec![],
        ..town.staff.clone()
    };
    let refused = vouchers
        .scans
        .annul(&stranger, scan.redemption_id, "扫错了人")
        .await;
    assert!(matches!(
        refused,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
    let elsewhere = Grant::StationStaff(new_id());
    let elsewhere = Actor {
        grants: vec![elsewhere],
        ..town.staff.clone()
    };
    let refused = vouchers
        .scans
        .annul(&elsewhere, scan.redemption_id, "扫错了人")
        .await;
    assert!(matches!(
        refused,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    town.clock.advance(TimeDelta::minutes(15));
    vouchers
        .scans
        .annul(&town.staff, scan.redemption_id, "扫错了人")
        .await
        .unwrap();
    let again = vouchers
        .scans
        .annul(&town.staff, scan.redemption_id, "扫错了人")
        .await;
    assert!(matches!(again, Err(VoucherError::AlreadyAnnulled)));
    assert_eq!(
        vouchers
            .wallet
            .my_voucher(&worker, voucher)
            .await
            .unwrap()
            .state,
        VoucherState::Issued
    );
    // The inbox is in order of time, and this clock stands still by itself.
    town.clock.advance(TimeDelta::seconds(1));
    let late = town.redeem(&worker, voucher).await.accepted();
    town.clock
        .advance(TimeDelta::minutes(15) + TimeDelta::seconds(1));
    let too_late = vouchers
        .scans
        .annul(&town.staff, late.redemption_id, "扫错了人")
        .await;
    assert!(matches!(too_late, Err(VoucherError::AnnulmentTooLate)));
    let today = vouchers
        .scans
        .redemptions_at(&town.staff, town.station.id, None, FIRST)
        .await
        .unwrap();
    assert_eq!(today.items.len(), 2, "history is never deleted");
    let not_mine = vouchers
        .scans
        .redemptions_at(&elsewhere, town.station.id, None, FIRST)
        .await;
    assert!(matches!(
        not_mine,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert_eq!(town.balanced(batch).await.redeemed, 1);
    let topics: Vec<_> = town
        .inbox(&worker)
        .await
        .into_iter()
        .map(|(topic, _)| topic)
        .collect();
    assert_eq!(
        topics,
        [
            "voucher_issued",
            "voucher_redeemed",
            "redemption_annulled",
            "voucher_redeemed"
        ]
    );
}
