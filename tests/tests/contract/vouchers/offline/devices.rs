//! Devices of stations on both databases, through the use cases.

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::{
    kernel::{AccessError, Actor, Clock, Grant, PageRequest, values::local_time},
    store::Store,
    vouchers::offline::OfflineError,
};
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    rows::new_id,
    servers::database::Kind,
    town::Town,
};
use rstest::rstest;

const FIRST: PageRequest = PageRequest {
    limit: 10,
    after: None,
};

#[rstest]
#[tokio::test]
async fn a_station_enrols_as_many_devices_as_it_may(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (offline, staff, station) = (&town.services.offline, &town.staff, town.station.id);
    let first = town.enrolled("scanner-1").await;
    assert_eq!(
        town.enrolled("scanner-1").await,
        first,
        "a known device is found again"
    );
    for n in 2..=4 {
        town.enrolled(&format!("scanner-{n}")).await;
    }
    let fifth = async || offline.enrol(staff, station, "scanner-5").await;
    assert!(matches!(fifth().await, Err(OfflineError::TooManyDevices)));
    offline.revoke(staff, first.id, "手机丢失").await.unwrap();
    let lost = offline.enrol(staff, station, "scanner-1").await;
    assert!(matches!(lost, Err(OfflineError::DeviceRevoked)));
    fifth().await.unwrap();
    let listed = offline.devices(staff, station, FIRST).await.unwrap().items;
    let listed: Vec<_> = listed
        .iter()
        .map(|device| (device.device_id.as_str(), device.is_revoked()))
        .collect();
    assert_eq!(listed.len(), 5);
    assert!(
        listed.contains(&("scanner-1", true)) && listed.contains(&("scanner-5", false)),
        "{listed:?}"
    );
    let mut tx = town.store.read().await.unwrap();
    let asked = ["scanner-1", "scanner-2", "scanner-9"].map(|device| (station, device.to_owned()));
    let mut known = tx.station_devices().known(&asked).await.unwrap();
    known.sort();
    assert_eq!(known, [(asked[0].clone(), true), (asked[1].clone(), false)]);
}

#[rstest]
#[tokio::test]
async fn only_those_in_charge_see_and_revoke_a_device(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let offline = &town.services.offline;
    let device = town.enrolled("scanner-1").await;
    let elsewhere = Actor {
        grants: vec![Grant::StationStaff(new_id())],
        ..town.staff.clone()
    };
    let (worker, qufu) = (town.worker().await, town.cadre(QUFU));
    for (stranger, expected) in [
        (&worker, AccessError::Forbidden),
        (&elsewhere, AccessError::NotFound),
        (&qufu, AccessError::NotFound),
    ] {
        let refused =
            |error: OfflineError| matches!(error, OfflineError::Access(error) if error == expected);
        assert!(refused(
            offline
                .devices(stranger, town.station.id, FIRST)
                .await
                .unwrap_err()
        ));
        assert!(refused(
            offline
                .revoke(stranger, device.id, "手机丢失")
                .await
                .unwrap_err()
        ));
    }
    let cadre = town.cadre(DISTRICT);
    let listed = offline
        .devices(&cadre, town.station.id, FIRST)
        .await
        .unwrap()
        .items;
    assert_eq!(listed, std::slice::from_ref(&device));
    assert!(matches!(
        offline.revoke(&cadre, device.id, "").await,
        Err(OfflineError::Invalid(_))
    ));
    let revoked = offline.revoke(&cadre, device.id, "手机丢失").await.unwrap();
    let again = offline.revoke(&town.staff, device.id, "手机丢失").await;
    assert!(matches!(again, Err(OfflineError::DeviceRevoked)));
    assert_eq!(
        offline
            .devices(&town.staff, town.station.id, FIRST)
            .await
            .unwrap()
            .items,
        [revoked]
    );
    let deeds = "SELECT COUNT(*) FROM audit_entries WHERE action LIKE 'station_device.%'";
    assert_eq!(town.count(deeds).await, 2);
}

#[rstest]
#[tokio::test]
async fn a_device_is_owed_until_it_has_synced_past_its_last_pack(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let device = town.enrolled("scanner-1").await;
    let today = local_time::date_of(town.clock.now());
    let day = |n: i64| today + TimeDelta::days(n);
    let sql = "UPDATE station_devices SET packed_through = $1, unsynced_from = $2";
    town.execute(sql, [day(2).to_string().into(), day(0).to_string().into()])
        .await;
    let owed = async |through: NaiveDate| {
        let mut tx = town.store.read().await.unwrap();
        tx.station_devices()
            .unsynced(town.station.id, through)
            .await
            .unwrap()
            .len()
    };
    let synced = async |through| {
        let mut tx = town.store.begin().await.unwrap();
        tx.station_devices().sync(device.id, through).await.unwrap();
        tx.commit().await.unwrap();
    };
    assert_eq!(
        (owed(day(-1)).await, owed(day(0)).await, owed(day(5)).await),
        (0, 1, 1)
    );
    synced(local_time::start_of(day(1)) - TimeDelta::seconds(1)).await;
    assert_eq!(owed(day(0)).await, 1, "the day was not over");
    synced(local_time::start_of(day(1))).await;
    assert_eq!((owed(day(0)).await, owed(day(1)).await), (0, 1));
    synced(local_time::start_of(day(0))).await;
    assert_eq!(owed(day(0)).await, 0, "it never goes back");
    synced(local_time::start_of(day(3))).await;
    assert_eq!(owed(day(5)).await, 0);
}

#[rstest]
#[tokio::test]
async fn a_cadre_writes_off_what_a_lost_device_owes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let offline = &town.services.offline;
    let device = town.enrolled("scanner-1").await;
    let cadre = town.cadre(DISTRICT);
    let nothing = offline.write_off(&cadre, device.id, "设备已损坏").await;
    assert!(matches!(nothing, Err(OfflineError::NothingOwed)));
    let today = local_time::date_of(town.clock.now());
    let sql = "UPDATE station_devices SET packed_through = $1, unsynced_from = $1";
    town.execute(sql, [today.to_string().into()]).await;
    let staff = offline
        .write_off(&town.staff, device.id, "设备已损坏")
        .await;
    assert!(
        matches!(staff, Err(OfflineError::Access(AccessError::Forbidden))),
        "not those who owe"
    );
    let other = offline
        .write_off(&town.cadre(QUFU), device.id, "设备已损坏")
        .await;
    assert!(matches!(
        other,
        Err(OfflineError::Access(AccessError::NotFound))
    ));
    assert_eq!(
        offline
            .write_off(&cadre, device.id, "设备已损坏")
            .await
            .unwrap()
            .unsynced_from,
        None
    );
    let mut tx = town.store.read().await.unwrap();
    assert!(
        tx.station_devices()
            .unsynced(town.station.id, today)
            .await
            .unwrap()
            .is_empty()
    );
}
