//! The checkups API, against the real binary.

mod bookings;
mod day;
mod planning;

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::{Client, Reply},
    places::DISTRICT,
};
use serde_json::{Value, json};

fn in_days(days: i64) -> NaiveDate {
    local_time::date_of(SystemClock.now() + TimeDelta::days(days))
}

async fn campaign(cadre: &Client) -> String {
    let body =
        json!({ "name": "测试体检", "district": DISTRICT, "from": in_days(0), "to": in_days(30) });
    cadre
        .post("/admin/checkup-campaigns", body)
        .await
        .expect_status(201)
        .unwrap()
        .id()
        .unwrap()
        .to_owned()
}

fn van(campaign: &str, date: NaiveDate, slots: Value) -> Value {
    json!({
        "campaignId": campaign, "place": "测试广场", "lng": 116.59, "lat": 35.41, "district": DISTRICT, "date": date,
        "vehicle": "体检车", "packages": ["基础", "心脑血管"], "slots": slots,
    })
}

/// A van of `date`, with one slot that lasts all day.
async fn session(cadre: &Client, date: NaiveDate, capacity: u32) -> Value {
    let slots = json!([{ "start": "00:00", "end": "24:00", "capacity": capacity }]);
    let body = van(&campaign(cadre).await, date, slots);
    cadre
        .post("/admin/checkup-sessions", body)
        .await
        .expect_status(201)
        .unwrap()
        .body
}

fn wish_for(session: &Value) -> Value {
    json!({ "slotId": session["slots"][0]["id"], "package": "基础", "healthConsent": { "version": session["healthConsentVersion"] } })
}

async fn book(worker: &Client, session: &Value) -> Reply {
    worker
        .post_once("/checkup-bookings", wish_for(session))
        .await
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}
