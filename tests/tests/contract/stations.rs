//! Contract of the station repository.

use niangjia_domain::{
    kernel::{Clock, DistrictCode, Place, id::StationId},
    stations::{
        hours::{Opening, OpeningHours},
        station::{Amenity, Station},
    },
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;

fn station(name: &str, district: &str) -> Station {
    Station {
        id: StationId::generate(SystemClock.now(), &SystemRandom),
        name: name.to_owned(),
        district: DistrictCode::parse(district).unwrap(),
        address: "演示路 1 号".to_owned(),
        place: Place::new(116.59, 35.41).unwrap(),
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: vec![Amenity::Water],
    }
}

#[rstest]
#[tokio::test]
async fn a_station_reads_back_and_its_name_is_unique_in_its_district(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let here = station("演示驿站", DISTRICT);

    let mut tx = store.begin().await.unwrap();
    assert!(tx.stations().add(&here).await.unwrap());
    assert!(
        !tx.stations()
            .add(&station("演示驿站", DISTRICT))
            .await
            .unwrap(),
        "same name, same district"
    );
    assert!(
        tx.stations().add(&station("演示驿站", QUFU)).await.unwrap(),
        "same name, another district"
    );
    tx.commit().await.unwrap();

    let mut read = store.read().await.unwrap();
    assert_eq!(
        read.stations().find(here.id).await.unwrap(),
        Some(here.clone())
    );
    let rencheng = DistrictCode::parse(DISTRICT).ok();
    assert_eq!(
        read.stations().list_within(rencheng).await.unwrap(),
        vec![here]
    );
    assert_eq!(
        read.stations()
            .list_within(DistrictCode::parse("370800").ok())
            .await
            .unwrap()
            .len(),
        2
    );
}

#[rstest]
#[tokio::test]
async fn what_is_not_committed_is_gone(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.stations()
            .add(&station("演示驿站", DISTRICT))
            .await
            .unwrap()
    );
    drop(tx);
    assert_eq!(
        store
            .read()
            .await
            .unwrap()
            .stations()
            .list_within(None)
            .await
            .unwrap(),
        vec![]
    );
}
