//! The stations API: finding, looking at, reporting and adding, against the real binary. The places
//! are far from the demo's, each test's from the others'.

mod adding;
mod finding;
mod reports;

use niangjia_tests::{
    client::{Client, Reply},
    people,
    places::DISTRICT,
};
use serde_json::{Value, json};

/// A station of Rencheng at this place, open around the clock.
fn form(lng: f64, lat: f64) -> Value {
    json!({
        "name": format!("测试驿站{}", people::token()), "district": DISTRICT, "address": "测试路 1 号",
        "lng": lng, "lat": lat, "services": ["water", "charging"],
    })
}

async fn added(cadre: &Client, form: Value) -> String {
    let station = cadre.post("/admin/stations", form).await;
    station.expect_status(201).unwrap().id().unwrap().to_owned()
}

async fn list(client: &Client, query: &str) -> Reply {
    let listed = client.get(&format!("/stations?{query}")).await;
    listed.expect_status(200).unwrap()
}

fn ids(page: &Reply) -> Vec<&str> {
    let items = page.body["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect()
}

fn assert_field(reply: &Reply, field: &str, code: &str) {
    let problem = (reply.status, reply.code());
    assert_eq!(
        problem,
        (422, "invalid_fields"),
        "{}: {}",
        reply.call,
        reply.body
    );
    assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.body);
    assert_eq!(reply.body["errors"][0]["code"], code, "{}", reply.body);
}
