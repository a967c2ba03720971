//! Stations as rows: open around the clock in the town's district.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{Place, id::StationId},
    stations::{
        hours::{Opening, OpeningHours},
        station::Station,
    },
    store::Store,
};
use niangjia_infra::system::SystemRandom;

use crate::places::{DISTRICT, district};

/// In Rencheng, open around the clock; not stored yet.
pub fn station(now: DateTime<Utc>) -> Station {
    Station {
        id: StationId::generate(now, &SystemRandom),
        name: "演示驿站".to_owned(),
        district: district(DISTRICT),
        address: "演示路 1 号".to_owned(),
        place: Place::new(116.59, 35.41).unwrap(),
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: Vec::new(),
    }
}

/// Stores it; its name is new in its district.
pub async fn add_station(store: &dyn Store, station: &Station) {
    let mut tx = store.begin().await.unwrap();
    assert!(tx.stations().add(station).await.unwrap());
    tx.commit().await.unwrap();
}
