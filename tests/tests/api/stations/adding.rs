//! Adding stations, in the own district and with every field in order.

use niangjia_tests::{
    demo_town::DemoTown,
    places::{DISTRICT, QUFU},
    servers::database::Kind,
};
use rstest::rstest;
use serde_json::json;

use super::{assert_field, form, ids};

#[rstest]
#[tokio::test]
async fn a_cadre_adds_a_station_to_the_own_district(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let form = form(119.0, 36.01);
    let station = town.cadre.post("/admin/stations", form.clone()).await;
    let station = station.expect_status(201).unwrap();
    let path = format!("/stations/{}", station.id().unwrap());
    assert_eq!(station.header("location"), Some(&*format!("/api/v1{path}")));
    let seen = town.stranger.get(&path).await.expect_status(200).unwrap();
    assert_eq!(seen.body, station.body);
    for field in ["name", "district", "address", "lng", "lat", "services"] {
        assert_eq!(seen.body[field], form[field], "{field}");
    }
    assert_eq!(
        seen.body["openNow"], true,
        "around the clock unless told otherwise"
    );

    let twice = town.cadre.post("/admin/stations", form.clone()).await;
    twice.expect_problem(409, "station_name_taken").unwrap();
    let mut elsewhere = form.clone();
    elsewhere["district"] = QUFU.into();
    let refused = town.cadre.post("/admin/stations", elsewhere).await;
    refused.expect_problem(403, "forbidden").unwrap();
    let worker = town.newcomer().await.unwrap();
    for nobody in [&worker, &town.staff] {
        let refused = nobody.post("/admin/stations", form.clone()).await;
        refused.expect_problem(403, "forbidden").unwrap();
    }
    let unsigned = town.stranger.post("/admin/stations", form).await;
    unsigned.expect_problem(401, "unauthenticated").unwrap();

    let own = town.cadre.get("/admin/stations?limit=100").await;
    let own = own.expect_status(200).unwrap();
    assert!(ids(&own).contains(&station.id().unwrap()));
    let items = own.body["items"].as_array().unwrap();
    assert!(items.iter().all(|one| one["district"] == DISTRICT));
    let refused = worker.get("/admin/stations").await;
    refused.expect_problem(403, "forbidden").unwrap();
}

#[tokio::test]
async fn a_form_that_makes_no_sense_names_its_field() {
    let town = DemoTown::shared(Kind::Sqlite).await;
    let hours = |from: &str, to: &str| json!({ "from": from, "to": to });
    let cases = [
        ("hours", hours("20:00", "08:00"), "hours", "hours_invalid"),
        ("hours", hours("08:00", "08:00"), "hours", "hours_invalid"),
        ("hours", hours("08:00", "24:01"), "hours", "hours_invalid"),
        ("hours", hours("eight", "20:00"), "hours", "hours_invalid"),
        (
            "hours",
            json!({ "from": "08:00" }),
            "hours.to",
            "missing_field",
        ),
        ("lng", json!(180.5), "location", "place_off_the_globe"),
        ("lat", json!(-90.5), "location", "place_off_the_globe"),
        ("lng", json!("116.59"), "lng", "wrong_type"),
        ("district", json!("3708"), "district", "district_invalid"),
        (
            "services",
            json!(["water", "sauna"]),
            "services",
            "service_unknown",
        ),
        ("name", json!("驿"), "name", "text_length"),
        ("address", json!("路".repeat(101)), "address", "text_length"),
        ("owner", json!("me"), "owner", "unknown_field"),
    ];
    for (field, value, named, code) in cases {
        let mut form = form(119.5, 36.0);
        form[field] = value;
        let refused = town.cadre.post("/admin/stations", form).await;
        assert_field(&refused, named, code);
    }
}
