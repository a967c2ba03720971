//! Who gets a pack, and its pages.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Actor, Clock, Grant, values::local_time},
    store::Store,
    vouchers::offline::OfflineError,
};
use niangjia_tests::{places::DISTRICT, rows::new_id, servers::database::Kind, town::Town};
use rstest::rstest;

use super::SCANNER;

#[rstest]
#[tokio::test]
async fn packs_are_for_enrolled_devices_of_the_callers_station(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let offline = &town.services.offline;
    let asked = async |actor: &Actor| {
        offline
            .scan_pack(actor, town.station.id, SCANNER, None)
            .await
            .map(|_| ())
    };
    assert!(matches!(
        asked(&town.staff).await,
        Err(OfflineError::DeviceUnknown)
    ));
    let device = town.enrolled(SCANNER).await;
    let elsewhere = Actor {
        grants: vec![Grant::StationStaff(new_id())],
        ..town.staff.clone()
    };
    assert!(matches!(
        asked(&elsewhere).await,
        Err(OfflineError::Access(AccessError::NotFound))
    ));
    let cadre = town.cadre(DISTRICT);
    assert!(matches!(
        asked(&cadre).await,
        Err(OfflineError::Access(AccessError::Forbidden))
    ));
    asked(&town.staff).await.unwrap();
    let today = local_time::date_of(town.clock.now());
    let mut tx = town.store.read().await.unwrap();
    assert_eq!(
        tx.station_devices()
            .unsynced(town.station.id, today)
            .await
            .unwrap()[0]
            .packed_through,
        Some(today)
    );
    assert!(
        tx.station_devices()
            .unsynced(town.station.id, today - TimeDelta::days(1))
            .await
            .unwrap()
            .is_empty()
    );
    drop(tx);
    town.clock.advance(TimeDelta::days(1));
    asked(&town.staff).await.unwrap();
    let mut tx = town.store.read().await.unwrap();
    let owed = tx
        .station_devices()
        .unsynced(town.station.id, today)
        .await
        .unwrap();
    assert_eq!(
        owed[0].unsynced_from,
        Some(today),
        "yesterday is owed still"
    );
    drop(tx);
    offline
        .revoke(&town.staff, device.id, "手机丢失")
        .await
        .unwrap();
    assert!(matches!(
        asked(&town.staff).await,
        Err(OfflineError::DeviceRevoked)
    ));
    assert_eq!(town.count("SELECT COUNT(*) FROM offline_days").await, 2);
}

#[rstest]
#[tokio::test]
async fn secrets_come_in_pages_without_a_gap(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let (one, two) = (
        town.running(town.new_batch()).await,
        town.running(town.new_batch()).await,
    );
    let mut expected = vec![];
    for n in 0..5 {
        let (worker, voucher) = town.holder(if n % 2 == 0 { one } else { two }).await;
        town.clock.advance(TimeDelta::milliseconds(5));
        if n != 3 {
            town.payload(&worker, voucher).await;
            town.services
                .vouchers
                .codes
                .deliver_secret(&worker, voucher, "phone")
                .await
                .unwrap();
            expected.extend([(voucher, 0), (voucher, 1)]);
        }
    }
    expected.sort();
    let mut tx = town.store.read().await.unwrap();
    let (mut seen, mut after, mut pages) = (vec![], None, 0);
    loop {
        let (page, next) = tx
            .scan_packs()
            .secrets_of(&[one, two], after, 2)
            .await
            .unwrap();
        seen.extend(
            page.iter()
                .map(|secret| (secret.voucher_id, secret.device_no)),
        );
        pages += 1;
        let Some(last) = next else { break };
        after = Some(last);
    }
    assert_eq!((seen, pages), (expected, 3));
    assert!(
        tx.scan_packs()
            .secrets_of(&[], None, 2)
            .await
            .unwrap()
            .0
            .is_empty()
    );
}
