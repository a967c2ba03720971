//! Things of Rencheng to be looked at by others.

use chrono::TimeDelta;
use niangjia_domain::kernel::{Clock, Random, values::local_time};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::{client::Client, eventually::eventually, photo, places::DISTRICT};
use serde_json::{Value, json};

/// A photo that was posted and is ready.
pub async fn upload(client: &Client) -> String {
    let bytes = photo::jpeg_with_gps(64, 48);
    let request =
        json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": bytes.len() });
    let upload = client
        .post_once("/uploads", request)
        .await
        .expect_status(201)
        .unwrap();
    let stored = client
        .upload(&upload.body["form"], bytes, "image/jpeg")
        .await;
    assert!(matches!(stored.status, 200..=204), "{}", stored.body);
    let id = upload.id().unwrap().to_owned();
    client
        .post(&format!("/uploads/{id}/completion"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    id
}

pub fn wish_form(station: &str, photos: &[&str]) -> Value {
    json!({
        "title": "想要一个保温杯", "story": "冬天跑单想喝口热水。", "category": "daily_goods",
        "estimateFen": 8_800, "photoIds": photos, "stationId": station,
    })
}

/// A wish that waits for a cadre.
pub async fn wish(client: &Client, station: &str) -> String {
    let wish = client.post_once("/wishes", wish_form(station, &[])).await;
    wish.expect_status(201).unwrap().id().unwrap().to_owned()
}

pub fn batch_form(station: &str) -> Value {
    let now = SystemClock.now();
    json!({
        "name": "任城午餐券", "district": DISTRICT, "faceValueFen": 1_500, "quota": 10, "budgetFen": 15_000,
        "perPersonLimit": 1, "meals": [{ "name": "全天", "from": "00:00", "to": "24:00" }],
        "validFrom": local_time::rfc3339(now - TimeDelta::hours(1)),
        "validTo": local_time::rfc3339(now + TimeDelta::days(30)),
        "stationIds": [station], "eligibility": { "standings": ["active"] }, "distribution": "first_come",
    })
}

pub async fn draft(cadre: &Client, station: &str) -> String {
    let batch = cadre
        .post("/admin/voucher-batches", batch_form(station))
        .await;
    batch.expect_status(201).unwrap().id().unwrap().to_owned()
}

/// A batch of the cadre's that the checker let go.
pub async fn running_batch(cadre: &Client, checker: &Client, station: &str) -> String {
    running(cadre, checker, batch_form(station)).await
}

/// One that is released by lot in a week.
pub async fn draw_batch(cadre: &Client, checker: &Client, station: &str) -> String {
    let mut form = batch_form(station);
    form["distribution"] = json!("draw");
    form["drawAt"] = json!(local_time::rfc3339(SystemClock.now() + TimeDelta::days(7)));
    running(cadre, checker, form).await
}

/// One that comes to members by itself.
pub async fn grant_batch(cadre: &Client, checker: &Client, station: &str) -> String {
    let mut form = batch_form(station);
    form["distribution"] = json!("allotment");
    form["eligibility"]["occupations"] = json!(["live_streamer"]);
    running(cadre, checker, form).await
}

async fn running(cadre: &Client, checker: &Client, form: Value) -> String {
    let batch = cadre
        .post("/admin/voucher-batches", form)
        .await
        .expect_status(201)
        .unwrap();
    let id = batch.id().unwrap().to_owned();
    let path = format!("/admin/voucher-batches/{id}");
    cadre
        .post(&format!("{path}/submission"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let decision = json!({ "decision": "approve" });
    checker
        .post(&format!("{path}/decisions"), decision)
        .await
        .expect_status(200)
        .unwrap();
    id
}

pub async fn entry(member: &Client, batch: &str) -> String {
    let entry = member
        .post_once(&format!("/voucher-batches/{batch}/entries"), json!({}))
        .await;
    entry.expect_status(201).unwrap().id().unwrap().to_owned()
}

pub async fn voucher(member: &Client, batch: &str) -> String {
    let voucher = member
        .post_once(&format!("/voucher-batches/{batch}/claims"), json!({}))
        .await;
    voucher.expect_status(201).unwrap().id().unwrap().to_owned()
}

/// Campaign, session and its only slot, two days ahead.
pub struct Van {
    pub campaign: String,
    pub session: String,
    pub slot: String,
}

pub fn session_form(campaign: &str) -> Value {
    let date = local_time::date_of(SystemClock.now()) + TimeDelta::days(2);
    json!({
        "campaignId": campaign, "place": "演示广场", "lng": 116.59, "lat": 35.41, "district": DISTRICT,
        "date": date, "vehicle": "鲁H·演示", "packages": [],
        "slots": [{ "start": "08:00", "end": "10:00", "capacity": 5 }],
    })
}

pub fn campaign_form() -> Value {
    let today = local_time::date_of(SystemClock.now());
    json!({ "name": "任城体检", "district": DISTRICT, "from": today, "to": today + TimeDelta::days(30) })
}

pub async fn van(cadre: &Client) -> Van {
    let campaign = cadre
        .post("/admin/checkup-campaigns", campaign_form())
        .await
        .expect_status(201)
        .unwrap();
    let campaign = campaign.id().unwrap().to_owned();
    let session = cadre
        .post("/admin/checkup-sessions", session_form(&campaign))
        .await
        .expect_status(201)
        .unwrap();
    let slot = session.body["slots"][0]["id"].as_str().unwrap().to_owned();
    Van {
        campaign,
        session: session.id().unwrap().to_owned(),
        slot,
    }
}

pub async fn booking(member: &Client, slot: &str) -> String {
    let body = json!({ "slotId": slot, "healthConsent": { "version": "1" } });
    let booking = member.post_once("/checkup-bookings", body).await;
    booking.expect_status(201).unwrap().id().unwrap().to_owned()
}

/// A message in the inbox, as soon as one is there.
pub async fn notice(client: &Client) -> String {
    eventually("a message is in the inbox", async || {
        let inbox = client.get("/me/inbox").await.expect_status(200).unwrap();
        inbox.body["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await
}

/// A scanner of the station.
pub async fn scanner(staff: &Client, station: &str) -> String {
    let body = json!({ "deviceId": format!("scanner-{}", niangjia_tests::people::token()) });
    let scanner = staff
        .post(&format!("/stations/{station}/devices"), body)
        .await;
    scanner.expect_status(201).unwrap().id().unwrap().to_owned()
}

/// A sheet of one day of its own: tests share stations, and days of a station are taken once.
pub fn settlement_form(station: &str) -> Value {
    let mut draw = [0; 4];
    SystemRandom.fill(&mut draw);
    let days = i64::from(u32::from_be_bytes(draw) % 300_000);
    let day = local_time::date_of(SystemClock.now()) + TimeDelta::days(1 + days);
    json!({ "stationId": station, "from": day, "to": day })
}

pub async fn settlement(cadre: &Client, station: &str) -> String {
    let sheet = cadre
        .post("/admin/settlements", settlement_form(station))
        .await;
    sheet.expect_status(201).unwrap().id().unwrap().to_owned()
}
