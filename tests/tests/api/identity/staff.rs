use chrono::TimeDelta;
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
    database::Kind,
    identity::{IdentityBench, PASSWORD},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{desk, wechat};

/// A served bench: an admin, a cadre of Rencheng, a station there and one in Qufu.
struct Office {
    bench: IdentityBench,
    stranger: Client,
    admin: Client,
    cadre: Client,
    here: StationId,
    elsewhere: StationId,
}

async fn office(kind: Kind) -> Office {
    let bench = IdentityBench::new(kind).await;
    let process = bench.process().await;
    let rencheng = Jurisdiction::District(DistrictCode::parse("370811").unwrap());
    for (username, grant) in [("admin", Grant::Admin), ("cadre", Grant::Cadre(rencheng))] {
        process
            .create_back_office_account(username, PASSWORD.to_owned().into(), &[grant])
            .await
            .unwrap();
    }
    let (here, elsewhere) = (
        station(&bench, "370811").await,
        station(&bench, "370881").await,
    );
    let stranger = bench.serve(process);
    let (admin, cadre) = (
        desk(&stranger, "admin").await,
        desk(&stranger, "cadre").await,
    );
    Office {
        bench,
        stranger,
        admin,
        cadre,
        here,
        elsewhere,
    }
}

async fn station(bench: &IdentityBench, district: &str) -> StationId {
    let station = Station {
        id: StationId::generate(SystemClock.now(), &SystemRandom),
        name: "演示驿站".to_owned(),
        district: DistrictCode::parse(district).unwrap(),
        address: "演示路 1 号".to_owned(),
        place: Place::new(116.59, 35.41).unwrap(),
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: vec![],
    };
    let mut tx = bench.database.store().await.begin().await.unwrap();
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

#[rstest]
#[tokio::test]
async fn an_invitation_makes_station_staff_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let office = office(kind).await;
    let invitation = invite(
        &office.cadre,
        json!({ "role": "station_staff", "stationId": office.here }),
    )
    .await;
    let invitation = invitation.expect_status(201).unwrap();
    assert!(invitation.id().unwrap().starts_with("invite_"));
    assert!(invitation.text("expiresAt").unwrap().ends_with("+08:00"));
    let code = invitation.text("invitationCode").unwrap();

    let (staff, other) = (
        wechat(&office.stranger, "staff-1").await,
        wechat(&office.stranger, "other").await,
    );
    let account = bind(&staff, &code.to_lowercase().replace('-', " "))
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        account.body["roles"],
        json!(["worker", "donor", "station_staff"])
    );
    let scope = json!([{ "role": "station_staff", "kind": "station", "id": office.here }]);
    assert_eq!(account.body["scopes"], scope);
    assert_eq!(
        staff.get("/me").await.body,
        account.body,
        "with the same token"
    );
    assert_eq!(
        bind(&staff, code).await.expect_status(201).unwrap().body,
        account.body,
        "a lost answer"
    );
    bind(&other, code)
        .await
        .expect_problem(409, "invitation_used")
        .unwrap();
    assert_eq!(
        other.get("/me").await.body["roles"],
        json!(["worker", "donor"])
    );
}

#[rstest]
#[tokio::test]
async fn a_cadre_invites_inside_the_own_area_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let office = office(kind).await;
    let nowhere = StationId::generate(SystemClock.now(), &SystemRandom);
    let inside = json!({ "role": "cadre", "district": "370811" });
    for body in [
        json!({ "role": "station_staff", "stationId": office.elsewhere }),
        json!({ "role": "station_staff", "stationId": nowhere }),
        json!({ "role": "cadre", "district": "370800" }),
        json!({ "role": "auditor", "district": "370881" }),
    ] {
        invite(&office.cadre, body.clone())
            .await
            .expect_problem(404, "not_found")
            .unwrap();
        let expected = if body["stationId"] == json!(nowhere) {
            404
        } else {
            201
        };
        invite(&office.admin, body)
            .await
            .expect_status(expected)
            .unwrap();
    }
    invite(&office.cadre, inside.clone())
        .await
        .expect_status(201)
        .unwrap();
    invite(&wechat(&office.stranger, "worker-1").await, inside.clone())
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    invite(&office.stranger, inside)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}

#[tokio::test]
async fn an_invitation_names_what_fits_its_role() {
    let office = office(Kind::Sqlite).await;
    let (stn, district) = (office.here.to_string(), "370811");
    for body in [
        json!({ "role": "station_staff" }),
        json!({ "role": "station_staff", "district": district }),
        json!({ "role": "station_staff", "stationId": "acct_1" }),
        json!({ "role": "cadre" }),
        json!({ "role": "cadre", "stationId": stn }),
        json!({ "role": "cadre", "district": "Rencheng" }),
        json!({ "role": "admin" }),
        json!({ "role": "worker" }),
        json!({ "role": "cadre", "district": district, "expiresInHours": 0 }),
        json!({ "role": "cadre", "district": district, "expiresInHours": 337 }),
        json!({ "role": "cadre", "district": district, "code": "MINE" }),
    ] {
        let reply = invite(&office.admin, body.clone()).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_fields"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn late_and_unknown_codes_are_told_apart() {
    let office = office(Kind::Sqlite).await;
    let worker = wechat(&office.stranger, "worker-1").await;
    let late = code(
        &office.admin,
        json!({ "role": "cadre", "district": "370811", "expiresInHours": 1 }),
    )
    .await;
    for unknown in ["0000-0000-0000-0000", "short", "!!!!-!!!!-!!!!-!!!!"] {
        bind(&worker, unknown)
            .await
            .expect_problem(422, "invitation_unknown")
            .unwrap();
    }
    bind(&office.stranger, &late)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    office.bench.clock.advance(TimeDelta::hours(1));
    let worker = wechat(&office.stranger, "worker-1").await;
    bind(&worker, &late)
        .await
        .expect_problem(409, "invitation_expired")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_role_taken_away_is_gone_at_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let office = office(kind).await;
    let deputy = wechat(&office.stranger, "deputy").await;
    let body = json!({ "role": "cadre", "district": "370811" });
    bind(&deputy, &code(&office.cadre, body.clone()).await)
        .await
        .expect_status(201)
        .unwrap();
    let accomplice = code(&deputy, body.clone()).await;

    let grants = office
        .cadre
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    let id = deputy.get("/me").await.id().unwrap().to_owned();
    let items = grants.body["items"].as_array().unwrap();
    let grant = items
        .iter()
        .find(|grant| grant["accountId"] == json!(id))
        .unwrap();
    assert_eq!(
        grant["scope"],
        json!({ "role": "cadre", "kind": "district", "id": "370811" })
    );
    let path = format!("/admin/staff-grants/{}", grant["id"].as_str().unwrap());

    deputy
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    office.admin.delete(&path).await.expect_status(204).unwrap();
    deputy
        .get("/admin/staff-grants")
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    invite(&deputy, body)
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    assert_eq!(deputy.get("/me").await.body["scopes"], json!([]));
    office
        .admin
        .delete(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    bind(&deputy, &accomplice)
        .await
        .expect_problem(409, "invitation_expired")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn roles_of_another_area_are_not_there(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let office = office(kind).await;
    let staff = wechat(&office.stranger, "staff-1").await;
    let body = json!({ "role": "station_staff", "stationId": office.elsewhere });
    bind(&staff, &code(&office.admin, body).await)
        .await
        .expect_status(201)
        .unwrap();
    let all = office
        .admin
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    let id = staff.get("/me").await.id().unwrap().to_owned();
    let items = all.body["items"].as_array().unwrap();
    let grant = items
        .iter()
        .find(|item| item["accountId"] == json!(id))
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/admin/staff-grants/{grant}");
    let own = office
        .cadre
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        own.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["id"] != json!(grant))
    );
    office
        .cadre
        .delete(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    staff
        .delete(&path)
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    office
        .stranger
        .delete(&path)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    office
        .admin
        .delete("/admin/staff-grants/acct_1")
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    office.admin.delete(&path).await.expect_status(204).unwrap();
}
