//! What is parked, with its reason.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::Clock,
    vouchers::{
        batches::batch::Switch,
        offline::{Resolution, UploadedScan, disputes::dispute::DisputeStatus},
        scans::refusal::Refusal,
    },
};
use niangjia_tests::{
    places::DISTRICT,
    servers::database::Kind,
    town::{ScanExt, Town},
};
use rstest::rstest;

use super::{dispute, reasons};

#[rstest]
#[tokio::test]
async fn what_does_not_add_up_is_parked_with_its_reason(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let now = town.clock.now();
    let (worker, voucher) = town.holder(batch).await;
    let second = town.claim(&worker, batch).await.unwrap().voucher.id;
    let (other, used) = town.holder(batch).await;
    let eaten = town.served(&worker, voucher).await;
    let same_meal = UploadedScan {
        scanned_at: now + TimeDelta::seconds(1),
        ..town.served(&worker, second).await
    };
    let code = town.payload(&other, used).await;
    town.scan(town.scan_of(code.as_str())).await.accepted();
    let used = town.offline_scan_of(code.clone());
    let forged = town.offline_scan_of(code.replace(".0.", ".7."));
    let unknown =
        town.offline_scan_of("NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned());
    let at = |scan: &UploadedScan, scanned_at| UploadedScan {
        scanned_at,
        scan_id: niangjia_tests::people::token(),
        ..scan.clone()
    };
    let (late, early) = (
        at(&same_meal, now + TimeDelta::minutes(3)),
        at(&same_meal, now - TimeDelta::days(1)),
    );
    let future = at(&same_meal, now + TimeDelta::hours(1));
    let short = town.offline_scan_of("12345678".to_owned());
    let unnamed = UploadedScan {
        scan_id: "名".to_owned(),
        ..same_meal.clone()
    };
    let free = UploadedScan {
        price_fen: Some(0),
        ..same_meal.clone()
    };
    let never = at(&same_meal, chrono::DateTime::<chrono::Utc>::MAX_UTC);
    let scans = [
        same_meal, eaten, used, forged, unknown, late, early, future, short, unnamed, free, never,
    ];
    let outcomes = town.upload(&scans).await;
    let expected = [
        "person_meal_limit",
        "accepted",
        "already_redeemed",
        "invalid_code",
        "invalid_code",
        "code_expired",
        "clock_skew",
        "clock_skew",
        "code",
        "scanId",
        "priceFen",
        "scannedAt",
    ];
    assert_eq!(reasons(&outcomes), expected);
    assert_eq!(reasons(&town.upload(&scans).await), expected);
    assert_eq!(town.count("SELECT COUNT(*) FROM disputed_scans").await, 7);
    assert_eq!(
        town.count("SELECT COUNT(*) FROM offline_days WHERE scans = 1")
            .await,
        1,
        "given back"
    );
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Pause)
        .await
        .unwrap();
    let paused = UploadedScan {
        scan_id: niangjia_tests::people::token(),
        ..scans[0].clone()
    };
    let outcome = town.upload(&[paused]).await;
    assert_eq!(
        reasons(&outcome),
        ["person_meal_limit"],
        "the easiest to mend, as over the network"
    );
    town.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn a_device_takes_no_more_on_a_day_than_it_may(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    town.execute("UPDATE offline_days SET max_scans = 3, max_fen = 3000", [])
        .await;
    let mut scans = vec![];
    for n in 0..5 {
        let (worker, voucher) = town.holder(batch).await;
        scans.push(town.served(&worker, voucher).await);
        // Refused, it leaves its place to another.
        if n == 0 {
            let code = scans[0].code.replace(".0.", ".7.");
            scans[0] = town.offline_scan_of(code);
        }
        town.clock.advance(TimeDelta::seconds(30));
    }
    let outcomes = town.upload(&scans).await;
    assert_eq!(
        reasons(&outcomes),
        [
            "invalid_code",
            "accepted",
            "accepted",
            "cap_exceeded",
            "cap_exceeded"
        ]
    );
    assert_eq!(
        town.count("SELECT COUNT(*) FROM offline_days WHERE scans = 2 AND fen = 3000")
            .await,
        1
    );
    town.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn a_revoked_device_scans_no_more_and_its_uploads_are_looked_at(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    town.redeem(&worker, voucher).await.accepted();
    let known = "SELECT COUNT(*) FROM station_devices WHERE device_id = 'scanner-1'";
    assert_eq!(town.count(known).await, 1, "enrolled by its first scan");
    let deeds = "SELECT COUNT(*) FROM audit_entries WHERE action = 'station_device.enrolled'";
    let (other, second) = town.holder(batch).await;
    town.redeem(&other, second).await.accepted();
    assert_eq!(town.count(deeds).await, 1);
    let device = town.packed("scanner-1").await;
    let (third, voucher) = town.holder(batch).await;
    let served = town.served(&third, voucher).await;
    town.services
        .offline
        .revoke(&town.staff, device.id, "手机丢失")
        .await
        .unwrap();
    let scan = town.scan(town.scan_of(served.code.as_str())).await;
    assert_eq!(scan.refused(), Refusal::DeviceRevoked);
    let outcomes = town.upload(&[served]).await;
    assert_eq!(reasons(&outcomes), ["device_revoked"]);
    let cadre = town.cadre(DISTRICT);
    let retried = town
        .services
        .offline
        .resolve(
            &cadre,
            dispute(&outcomes[0]),
            Resolution::Retry,
            "设备已找回",
            1,
        )
        .await
        .unwrap();
    assert_eq!(retried.status(), DisputeStatus::Redeemed);
    assert_eq!(town.balanced(batch).await.redeemed, 3);
}
