//! Uploads that add up, whenever and however often they come.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Clock, IdempotencyKey, IdempotentRequest, values::local_time},
    store::Store,
    vouchers::{
        ScanRequest,
        offline::{ItemOutcome, OfflineError, Upload, UploadedScan},
        scans::refusal::Refusal,
    },
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{ScanExt, Town},
};
use rstest::rstest;

use super::{FIRST, reasons};

#[rstest]
#[tokio::test]
async fn clean_scans_become_redemptions_whenever_and_however_often_they_come(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let mut served = vec![];
    for price in [None, Some(1_200), Some(1_800)] {
        let (worker, voucher) = town.holder(batch).await;
        served.push(UploadedScan {
            price_fen: price,
            ..town.served(&worker, voucher).await
        });
        town.clock.advance(TimeDelta::minutes(1));
    }
    // A phone that is replaced after the meal takes nothing back.
    let (worker, voucher) = town.holder(batch).await;
    let phone = town
        .services
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let step = niangjia_domain::vouchers::codes::code::CodeStep::at(
        voucher,
        phone.device_no,
        town.clock.now(),
    );
    served.push(town.offline_scan_of(step.offline_payload(&phone.secret)));
    town.clock.advance(TimeDelta::hours(20));
    town.services
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-2")
        .await
        .unwrap();
    served.reverse();
    let first = town.upload(&served).await;
    assert_eq!(reasons(&first), ["accepted"; 4]);
    let ItemOutcome::Accepted { amount, copay, .. } = &first[1] else {
        panic!()
    };
    assert_eq!((amount.get(), copay.get()), (1_500, 300));
    // Again in another order, with another request id and a twin inside.
    served.reverse();
    served.push(served[0].clone());
    let again = town.upload(&served).await;
    assert_eq!(
        again[..4].iter().rev().collect::<Vec<_>>(),
        first.iter().collect::<Vec<_>>()
    );
    assert_eq!(again[4], again[0]);
    let tally = town.balanced(batch).await;
    assert_eq!((tally.redeemed, tally.spent_fen), (4, 1_500 * 3 + 1_200));
    let days = "SELECT COUNT(*) FROM offline_days WHERE scans = 4 AND fen = 5700";
    assert_eq!(town.count(days).await, 1);
    let today = local_time::date_of(town.clock.now());
    let mut tx = town.store.read().await.unwrap();
    let day = today - TimeDelta::days(1);
    let taken = tx
        .redemptions()
        .list_at(town.station.id, day, FIRST)
        .await
        .unwrap();
    assert_eq!(taken.items.len(), 4, "on the day of the meal");
}

#[rstest]
#[tokio::test]
async fn one_scan_id_is_one_scan_over_the_network_and_in_an_upload(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let (worker, voucher) = town.holder(batch).await;
    let request = once(&town.staff);
    let code = town.payload(&worker, voucher).await;
    let live = town
        .scan_again(&request, town.scan_of(code.as_str()))
        .await
        .value
        .accepted();
    let same = UploadedScan {
        scan_id: request.key.as_str().to_owned(),
        ..town.offline_scan_of(code.clone())
    };
    let outcomes = town.upload(std::slice::from_ref(&same)).await;
    let ItemOutcome::Accepted { redemption_id, .. } = outcomes[0] else {
        panic!("{outcomes:?}")
    };
    assert_eq!(redemption_id, live.redemption_id);
    assert_eq!(
        reasons(&town.upload(&[town.offline_scan_of(code)]).await),
        ["already_redeemed"],
        "another scan is not"
    );
    assert_eq!(
        town.count("SELECT COUNT(*) FROM offline_days WHERE scans = 0 AND fen = 0")
            .await,
        1
    );
    // The other way round: uploaded first, sent over the network after all.
    let (third, voucher) = town.holder(batch).await;
    let served = town.served(&third, voucher).await;
    let outcomes = town.upload(std::slice::from_ref(&served)).await;
    let ItemOutcome::Accepted { redemption_id, .. } = outcomes[0] else {
        panic!("{outcomes:?}")
    };
    let key = IdempotencyKey::parse(&served.scan_id).unwrap();
    let request = IdempotentRequest {
        key,
        ..once(&town.staff)
    };
    let late = town
        .scan_again(&request, town.scan_of(served.code.as_str()))
        .await
        .value
        .accepted();
    assert_eq!(late.redemption_id, redemption_id);
    // A refusal that never reached the device, which served the meal all the same.
    town.clock.advance(TimeDelta::minutes(10));
    let (other, second) = town.holder(batch).await;
    let code = town.payload(&other, second).await;
    let request = once(&town.staff);
    let skewed = Some(town.clock.now() - TimeDelta::minutes(2));
    let early = ScanRequest {
        scanned_at: skewed,
        ..town.scan_of(code.as_str())
    };
    assert_eq!(
        town.scan_again(&request, early).await.value.refused(),
        Refusal::ClockSkew
    );
    let same = UploadedScan {
        scan_id: request.key.as_str().to_owned(),
        ..town.offline_scan_of(code)
    };
    assert_eq!(reasons(&town.upload(&[same]).await), ["clock_skew"]);
}

/// A screenshot served at a station without a network, while the holder's own scan was annulled.
#[rstest]
#[tokio::test]
async fn a_burnt_code_is_no_better_for_being_uploaded_late(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    town.packed("scanner-1").await;
    let (worker, voucher) = town.holder(batch).await;
    let code = town.payload(&worker, voucher).await;
    let live = town
        .scan(ScanRequest {
            device_id: "rows".to_owned(),
            ..town.scan_of(code.as_str())
        })
        .await;
    town.services
        .vouchers
        .scans
        .annul(&town.staff, live.accepted().redemption_id, "扫错了人")
        .await
        .unwrap();
    let screenshot = town.offline_scan_of(code);
    town.clock.advance(TimeDelta::hours(20));
    town.services
        .vouchers
        .wallet
        .expire_unused(100)
        .await
        .unwrap();
    assert_eq!(
        reasons(&town.upload(&[screenshot]).await),
        ["code_replayed"]
    );
    assert_eq!(town.balanced(batch).await.redeemed, 0);
}

#[rstest]
#[tokio::test]
async fn an_upload_says_how_far_the_device_is(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let (offline, staff, station) = (&town.services.offline, &town.staff, town.station.id);
    let unknown = offline
        .upload(staff, &once(staff), town.upload_of(&[]))
        .await;
    assert!(matches!(unknown, Err(OfflineError::DeviceUnknown)));
    town.packed("scanner-1").await;
    let now = town.clock.now();
    let today = local_time::date_of(now);
    let owed = async || {
        let mut tx = town.store.read().await.unwrap();
        tx.station_devices()
            .unsynced(station, today)
            .await
            .unwrap()
            .len()
    };
    let synced = async |through| {
        let upload = Upload {
            synced_through: Some(through),
            ..town.upload_of(&[])
        };
        offline
            .upload(staff, &once(staff), upload)
            .await
            .map(|_| ())
    };
    let tomorrow = local_time::start_of(today + TimeDelta::days(1));
    assert!(
        matches!(synced(tomorrow).await, Err(OfflineError::Invalid(_))),
        "not of the future"
    );
    synced(now).await.unwrap();
    assert_eq!(owed().await, 1);
    town.clock.advance(TimeDelta::hours(13));
    synced(tomorrow).await.unwrap();
    assert_eq!(owed().await, 0);
    let stranger = town.worker().await;
    let refused = offline
        .upload(&stranger, &once(&stranger), town.upload_of(&[]))
        .await;
    assert!(matches!(
        refused,
        Err(OfflineError::Access(AccessError::Forbidden))
    ));
}
