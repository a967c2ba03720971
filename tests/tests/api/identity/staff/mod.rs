mod invitations;
mod roles;

use niangjia_domain::{
    kernel::{Clock, DistrictCode, Grant, Jurisdiction, Place, id::StationId},
    stations::{
        hours::{Opening, OpeningHours},
        station::Station,
    },
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::{
    client::{Client, Reply},
    places::{DISTRICT, QUFU},
    servers::database::Kind,
    town::identity::{IdentityTown, PASSWORD},
};
use serde_json::{Value, json};

use super::desk;

/// A served town: an admin, a cadre of Rencheng, a station there and one in Qufu.
struct Office {
    town: IdentityTown,
    stranger: Client,
    admin: Client,
    cadre: Client,
    here: StationId,
    elsewhere: StationId,
}

async fn office(kind: Kind) -> Office {
    let town = IdentityTown::new(kind).await;
    let process = town.process().await;
    let rencheng = Jurisdiction::District(DistrictCode::parse(DISTRICT).unwrap());
    for (username, grant) in [("admin", Grant::Admin), ("cadre", Grant::Cadre(rencheng))] {
        process
            .create_back_office_account(username, PASSWORD.to_owned().into(), &[grant])
            .await
            .unwrap();
    }
    let (here, elsewhere) = (station(&town, DISTRICT).await, station(&town, QUFU).await);
    let stranger = town.serve(process);
    let (admin, cadre) = (
        desk(&stranger, "admin").await,
        desk(&stranger, "cadre").await,
    );
    Office {
        town,
        stranger,
        admin,
        cadre,
        here,
        elsewhere,
    }
}

async fn station(town: &IdentityTown, district: &str) -> StationId {
    let station = Station {
        id: StationId::generate(SystemClock.now(), &SystemRandom),
        name: "演示驿站".to_owned(),
        district: DistrictCode::parse(district).unwrap(),
        address: "演示路 1 号".to_owned(),
        place: Place::new(116.59, 35.41).unwrap(),
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: vec![],
    };
    let mut tx = town.database.store().await.begin().await.unwrap();
    assert!(tx.stations().add(&station).await.unwrap());
    tx.commit().await.unwrap();
    station.id
}

async fn invite(client: &Client, body: Value) -> Reply {
    client.post("/admin/staff-invitations", body).await
}

async fn code(client: &Client, body: Value) -> String {
    invite(client, body)
        .await
        .expect_status(201)
        .unwrap()
        .text("invitationCode")
        .unwrap()
        .to_owned()
}

async fn bind(client: &Client, code: &str) -> Reply {
    client
        .post("/auth/staff-bindings", json!({ "invitationCode": code }))
        .await
}
