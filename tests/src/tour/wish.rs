//! A micro-wish from photo to thanks.

use serde_json::{Value, json};

use super::{Cast, chapter, inbox, require, say};
use crate::{
    client::{Client, Surprise},
    photo,
};

pub async fn play(cast: &Cast) -> Result<(), Surprise> {
    chapter("A micro-wish");
    let photo = upload(&cast.worker, "wish_photo").await?;
    let wish = publish(cast, &photo).await?;
    let claim = claim(cast, &wish).await?;
    deliver(cast, &wish, &claim).await?;
    thank(cast, &wish).await
}

/// Posts a photo that says where it was taken, straight to the object store, and checks that it no
/// longer does.
async fn upload(client: &Client, purpose: &str) -> Result<String, Surprise> {
    let bytes = photo::jpeg_with_gps(640, 480);
    let request = json!({ "purpose": purpose, "contentType": "image/jpeg", "size": bytes.len() });
    let upload = client
        .post_once("/uploads", request)
        .await
        .expect_status(201)?;
    let stored = client
        .upload(&upload.body["form"], bytes, "image/jpeg")
        .await;
    require(
        matches!(stored.status, 200 | 201 | 204),
        &format!("the object store answered {}", stored.status),
    )?;
    let id = upload.id()?.to_owned();
    client
        .post(&format!("/uploads/{id}/completion"), json!({}))
        .await
        .expect_status(200)?;
    let ready = client
        .get(&format!("/uploads/{id}"))
        .await
        .expect_status(200)?;
    require(ready.body["status"] == "ready", "the photo is not ready")?;
    let clean = client.download(ready.text("url")?).await?;
    require(
        !clean.windows(10).any(|window| window == b"GPS-CANARY"),
        "the photo still says where it was taken",
    )?;
    say(&format!(
        "photo cleaned: {} bytes, upright, without GPS",
        clean.len()
    ));
    Ok(id)
}

async fn publish(cast: &Cast, photo: &str) -> Result<String, Surprise> {
    let wish = cast
        .town
        .submitted_wish(&cast.worker, &[photo.to_owned()])
        .await?;
    let id = wish.id()?.to_owned();
    say(&format!(
        "the worker asks for a thermos: {}",
        wish.text("status")?
    ));
    cast.town
        .stranger
        .get(&format!("/wishes/{id}"))
        .await
        .expect_status(404)?;
    say("nobody else sees it yet");
    cast.town.publish(&id).await?;
    let wall = cast
        .town
        .stranger
        .get(&format!("/wishes/{id}"))
        .await
        .expect_status(200)?;
    require(
        wall.body["status"] == "published",
        "the wish is not published",
    )?;
    say("a cadre publishes it: on the wall, without name, phone or address");
    Ok(id)
}

async fn claim(cast: &Cast, wish: &str) -> Result<String, Surprise> {
    let path = format!("/wishes/{wish}/claims");
    let own = cast.worker.post_once(&path, json!({})).await;
    require(
        own.status == 403 || own.status == 409,
        "the worker could claim their own wish",
    )?;
    let claim = cast
        .donor
        .post_once(&path, json!({ "anonymous": true }))
        .await
        .expect_status(201)?;
    say(&format!(
        "a donor claims it until {}",
        claim.text("lapsesAt")?
    ));
    let other = cast.town.stranger.wechat("dev:donor-1").await?;
    other
        .post_once(&path, json!({}))
        .await
        .expect_problem(409, "wish_already_claimed")?;
    say("a second donor is told it is taken");
    Ok(claim.id()?.to_owned())
}

async fn deliver(cast: &Cast, wish: &str, claim: &str) -> Result<(), Surprise> {
    let parcel = json!({ "carrier": "顺丰", "trackingNo": "SF0000000000" });
    cast.donor
        .post(&format!("/wish-claims/{claim}/dispatch"), parcel)
        .await
        .expect_status(200)?;
    let arrival = cast
        .town
        .staff
        .post_once(&format!("/wish-claims/{claim}/arrival"), json!({}))
        .await;
    arrival.expect_status(200)?;
    let notice = inbox(&cast.worker, "wish_arrived").await?;
    let mine = cast.worker.get("/me/wishes").await.expect_status(200)?;
    let code = mine.body["items"][0]["pickupCode"]
        .as_str()
        .ok_or_else(|| Surprise("no pick-up code at the wish".to_owned()))?;
    require(!notice.contains(code), "the inbox tells the pick-up code")?;
    say("the parcel is at the station, says the inbox; the wish itself shows the pick-up code");
    let path = format!("/wishes/{wish}/handover");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = cast
        .town
        .staff
        .post_once(&path, json!({ "pickupCode": wrong }))
        .await;
    require(
        refused.status == 422 || refused.status == 403,
        "a wrong pick-up code was accepted",
    )?;
    cast.town
        .staff
        .post_once(&path, json!({ "pickupCode": code }))
        .await
        .expect_status(200)?;
    say("staff hand it over against the code");
    Ok(())
}

async fn thank(cast: &Cast, wish: &str) -> Result<(), Surprise> {
    let photo = upload(&cast.worker, "thanks_photo").await?;
    let thanks: Value =
        json!({ "message": "谢谢您，杯子很暖！", "photoIds": [photo], "faceConsent": false });
    cast.worker
        .post(&format!("/wishes/{wish}/thanks"), thanks)
        .await
        .expect_status(200)?;
    let seen = cast.worker.get("/me/wishes").await.expect_status(200)?;
    require(
        seen.body["items"][0]["status"] == "thanked",
        "the wish is not thanked",
    )?;
    say("the worker says thanks with a photo");
    Ok(())
}
