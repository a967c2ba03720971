//! A mobile health check: session, booking, check-in, completion.

use serde_json::json;

use super::{Cast, chapter, require, say};
use crate::client::Surprise;

pub async fn play(cast: &Cast) -> Result<(), Surprise> {
    chapter("A mobile health check");
    let (session, slot) = cast.town.open_session(2).await?;
    say("a van comes to a square today, two seats");
    let body = json!({ "slotId": slot, "healthConsent": { "version": "1" } });
    let booking = cast
        .worker
        .post_once("/checkup-bookings", body.clone())
        .await
        .expect_status(201)?;
    say(&format!("the worker books: {}", booking.text("status")?));
    cast.worker
        .post_once("/checkup-bookings", body)
        .await
        .expect_problem(409, "already_booked")?;
    say("a second booking in the campaign is refused");

    let check_in = json!({ "code": booking.text("code")?, "sessionId": session });
    let key = crate::client::fresh_key();
    let first = cast
        .town
        .staff
        .post_with_key("/checkup-check-ins", check_in.clone(), &key)
        .await;
    require(
        matches!(first.status, 200 | 201),
        &format!("check-in answered {} {}", first.status, first.body),
    )?;
    cast.town
        .staff
        .post_with_key("/checkup-check-ins", check_in, &key)
        .await
        .expect_status(first.status)?;
    let path = format!("/checkup-bookings/{}/completion", booking.id()?);
    cast.town
        .staff
        .post(&path, json!({}))
        .await
        .expect_status(200)?;
    let mine = cast
        .worker
        .get("/me/checkup-bookings")
        .await
        .expect_status(200)?;
    require(
        mine.body["items"][0]["status"] == "completed",
        "the check-up is not completed",
    )?;
    say("checked in by code, completed");
    Ok(())
}
