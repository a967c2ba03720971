//! A mobile health check: session, booking, check-in, completion.

use chrono::{NaiveTime, TimeDelta};
use niangjia_domain::kernel::{Clock, local_time};
use niangjia_infra::system::SystemClock;
use serde_json::json;

use super::{Cast, DISTRICT, chapter, require, say};
use crate::client::Surprise;

pub async fn play(cast: &Cast) -> Result<(), Surprise> {
    chapter("A mobile health check");
    let (session, slot) = open_session(cast).await?;
    let body = json!({ "slotId": slot, "healthConsent": { "version": "1" } });
    let booking = cast.worker.post_once("/checkup-bookings", body.clone()).await.expect_status(201)?;
    say(&format!("the worker books: {}", booking.text("status")?));
    cast.worker.post_once("/checkup-bookings", body).await.expect_problem(409, "already_booked")?;
    say("a second booking in the campaign is refused");

    let check_in = json!({ "code": booking.text("code")?, "sessionId": session });
    let key = crate::client::fresh_key();
    let first = cast.staff.post_with_key("/checkup-check-ins", check_in.clone(), &key).await;
    require(matches!(first.status, 200 | 201), &format!("check-in answered {} {}", first.status, first.body))?;
    cast.staff.post_with_key("/checkup-check-ins", check_in, &key).await.expect_status(first.status)?;
    let path = format!("/checkup-bookings/{}/completion", booking.id()?);
    cast.staff.post(&path, json!({})).await.expect_status(200)?;
    let mine = cast.worker.get("/me/checkup-bookings").await.expect_status(200)?;
    require(mine.body["items"][0]["status"] == "completed", "the check-up is not completed")?;
    say("checked in by code, completed");
    Ok(())
}

async fn open_session(cast: &Cast) -> Result<(String, String), Surprise> {
    let now = SystemClock.now();
    let today = local_time::date_of(now);
    let campaign =
        json!({ "name": "巡演体检", "district": DISTRICT, "from": today, "to": today + TimeDelta::days(30) });
    let campaign = cast.cadre.post("/admin/checkup-campaigns", campaign).await.expect_status(201)?;
    let end = local_time::instant_of(today, NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default());
    let session = json!({
        "campaignId": campaign.id()?, "place": "演示广场", "lng": 116.59, "lat": 35.41, "district": DISTRICT,
        "date": today, "vehicle": "鲁H·演示", "packages": ["basic"],
        "slots": [{ "start": local_time::rfc3339(local_time::start_of(today)), "end": local_time::rfc3339(end), "capacity": 2 }],
    });
    let session = cast.cadre.post("/admin/checkup-sessions", session).await.expect_status(201)?;
    let id = session.id()?.to_owned();
    let seen = cast.stranger.get(&format!("/checkup-sessions/{id}")).await.expect_status(200)?;
    let slot = seen.body["slots"][0]["id"].as_str().unwrap_or_default().to_owned();
    say("a van comes to a square today, two seats");
    Ok((id, slot))
}
