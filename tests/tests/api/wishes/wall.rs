//! What the wall shows and hides.

use chrono::TimeDelta;
use niangjia_domain::wishes::moderation::text_check::Verdict;
use niangjia_tests::{places::DISTRICT, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{Stage, has_no_one};

#[rstest]
#[tokio::test]
async fn the_wall_is_public_cached_and_nameless(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let stage = Stage::new(kind).await;
    let stranger = stage.server.stranger();
    let empty = stranger.get("/wishes").await.expect_status(200).unwrap();
    assert_eq!(empty.body, json!({ "items": [], "nextCursor": null }));
    let id = stage.published().await;

    let wall = stranger
        .get("/wishes?district=370800&category=daily_goods")
        .await
        .expect_status(200)
        .unwrap();
    let shown = &wall.body["items"][0];
    assert_eq!(shown["id"], id.as_str());
    assert_eq!(shown["estimateFen"], 8_800);
    assert!(shown["publishedAt"].as_str().unwrap().ends_with("+08:00"));
    assert!(
        shown["photos"][0]["thumbnailUrl"]
            .as_str()
            .unwrap()
            .starts_with("http")
    );
    let station = json!({ "id": stage.town.station.id, "name": "演示驿站", "district": DISTRICT });
    assert_eq!(shown["station"], station);
    has_no_one(&wall.body);

    let tag = wall.header("etag").unwrap().to_owned();
    let again = stranger
        .get_if_none_match("/wishes?district=370800&category=daily_goods", &tag)
        .await;
    assert_eq!(again.status, 304);
    stage.claimed(&id).await;
    let changed = stranger
        .get_if_none_match("/wishes?district=370800&category=daily_goods", &tag)
        .await;
    assert_eq!(changed.expect_status(200).unwrap().body["items"], json!([]));
    let claimed = stranger
        .get("/wishes?status=claimed")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(claimed.body["items"].as_array().unwrap().len(), 1);
    assert!(
        stranger
            .get("/wishes?district=370881&status=claimed")
            .await
            .body["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    for query in ["status=reviewing", "status=nonsense", "district=37"] {
        stranger
            .get(&format!("/wishes?{query}"))
            .await
            .expect_problem(422, "invalid_fields")
            .unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn donors_and_reporters_have_their_say(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let stage = Stage::new(kind).await;
    let id = stage.published().await;
    let report = format!("/wishes/{id}/reports");
    stage
        .donor
        .post(&report, json!({ "reason": "内容不实" }))
        .await
        .expect_status(201)
        .unwrap();
    let twice = stage
        .donor
        .post(&report, json!({ "reason": "内容不实" }))
        .await;
    twice.expect_problem(409, "wish_already_reported").unwrap();
    assert_eq!(
        stage.cadre.get("/admin/wishes").await.body["items"][0]["reports"],
        1
    );

    let claims = format!("/wishes/{id}/claims");
    stage.town.text_check.says(Some(Verdict::Risky));
    let refused = stage
        .donor
        .post_once(&claims, json!({ "displayName": "坏名字" }))
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(refused.body["errors"][0]["field"], "displayName");
    stage.town.text_check.says(Some(Verdict::Pass));
    let claim = stage
        .donor
        .post_once(&claims, json!({ "displayName": "热心邻居" }))
        .await
        .expect_status(201)
        .unwrap();
    let mine = stage.worker.get("/me/wishes").await;
    assert_eq!(mine.body["items"][0]["claim"]["displayName"], "热心邻居");
    let cancellation = format!("/wish-claims/{}/cancellation", claim.id().unwrap());
    let step = stage
        .donor
        .post(&cancellation, json!({ "reason": "出差" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (&step.body["status"], &step.body["wishStatus"]),
        (&json!("cancelled"), &json!("published"))
    );
    let withdrawn = stage
        .worker
        .post(&format!("/wishes/{id}/withdrawal"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(withdrawn.body["status"], "withdrawn");
    stage
        .server
        .stranger()
        .get(&format!("/wishes/{id}"))
        .await
        .expect_problem(404, "not_found")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn without_the_machine_wishes_wait_and_thanks_come_later(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let stage = Stage::new(kind).await;
    stage.town.text_check.says(None);
    let wish = stage
        .worker
        .post_once("/wishes", stage.new_wish().await)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(wish.body["status"], "checking");
    stage.town.text_check.says(Some(Verdict::Pass));
    assert_eq!(
        stage.town.services.wishes.check_pending(10).await.unwrap(),
        1
    );
    let id = wish.id().unwrap().to_owned();
    stage
        .decide(&id, json!({ "decision": "publish" }))
        .await
        .expect_status(200)
        .unwrap();
    let claim = stage.claimed(&id).await;
    let arrival = format!("/wish-claims/{}/arrival", claim["id"].as_str().unwrap());
    stage
        .staff
        .post_once(&arrival, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let code = stage.worker.get("/me/wishes").await.body["items"][0]["pickupCode"].clone();
    stage
        .staff
        .post_once(
            &format!("/wishes/{id}/handover"),
            json!({ "pickupCode": code }),
        )
        .await;
    stage.town.text_check.says(None);
    let thanks = json!({ "message": "谢谢您", "photoIds": [] });
    let later = stage
        .worker
        .post(&format!("/wishes/{id}/thanks"), thanks)
        .await;
    let later = later.expect_problem(503, "text_check_unavailable").unwrap();
    assert!(later.header("retry-after").is_some());

    let cooling = stage
        .worker
        .post_once("/wishes", stage.new_wish().await)
        .await;
    cooling.expect_problem(409, "wish_cooling_off").unwrap();
    stage.town.clock.advance(TimeDelta::days(30));
    stage
        .worker
        .post_once("/wishes", stage.new_wish().await)
        .await
        .expect_status(201)
        .unwrap();
}
