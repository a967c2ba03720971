//! Every refusal, with its status and code.

use niangjia_tests::{places::QUFU, servers::database::Kind};
use rstest::rstest;
use serde_json::{Value, json};

use super::Stage;

#[rstest]
#[tokio::test]
async fn every_refusal_has_its_status_and_code(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let stage = Stage::new(kind).await;
    let (worker, donor) = (&stage.worker, &stage.donor);
    let new_wish = stage.new_wish().await;
    let changed = |field: &str, value: Value| {
        let mut body = new_wish.clone();
        body[field] = value;
        body
    };
    stage
        .server
        .stranger()
        .post_once("/wishes", new_wish.clone())
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    worker
        .post("/wishes", new_wish.clone())
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    donor
        .post_once("/wishes", new_wish.clone())
        .await
        .expect_problem(403, "standing_insufficient")
        .unwrap();
    for (field, value, code) in [
        ("estimateFen", json!(30_001), "estimate_over_ceiling"),
        ("estimateFen", json!(0), "estimate_not_positive"),
        ("estimateFen", json!("1"), "wrong_type"),
        ("title", json!(""), "text_length"),
        ("title", json!("a\u{0}b"), "text_characters"),
        ("story", json!("请打 13800138000"), "contact_in_text"),
        (
            "stationId",
            json!("stn_01jd3v7c9vf8ys2v4t0y3z5q7r"),
            "station_unknown",
        ),
        (
            "stationId",
            json!("wish_01jd3v7c9vf8ys2v4t0y3z5q7r"),
            "wrong_type",
        ),
        (
            "photoIds",
            json!(["upl_01jd3v7c9vf8ys2v4t0y3z5q7r"]),
            "photo_not_ready",
        ),
        ("phone", json!("13800138000"), "unknown_field"),
    ] {
        let reply = worker
            .post_once("/wishes", changed(field, value))
            .await
            .expect_status(422)
            .unwrap();
        assert_eq!(reply.body["errors"][0]["code"], code, "{}", reply.body);
        assert_eq!(reply.body["errors"][0]["field"], field);
    }

    let id = stage.published().await;
    worker
        .post_once("/wishes", stage.new_wish().await)
        .await
        .expect_problem(409, "live_wish_exists")
        .unwrap();
    let claims = format!("/wishes/{id}/claims");
    worker
        .post_once(&claims, json!({}))
        .await
        .expect_problem(403, "own_wish")
        .unwrap();
    let claim = stage.claimed(&id).await;
    let claim = claim["id"].as_str().unwrap();
    stage
        .staff
        .post_once(&claims, json!({}))
        .await
        .expect_problem(409, "wish_already_claimed")
        .unwrap();
    worker
        .post(&format!("/wishes/{id}/withdrawal"), json!({}))
        .await
        .expect_problem(409, "wish_state_conflict")
        .unwrap();
    worker
        .post(&format!("/wish-claims/{claim}/dispatch"), json!({}))
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    donor
        .post_once(&format!("/wish-claims/{claim}/arrival"), json!({}))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    let thanks = json!({ "message": "谢谢", "photoIds": [] });
    worker
        .post(&format!("/wishes/{id}/thanks"), thanks)
        .await
        .expect_problem(409, "wish_state_conflict")
        .unwrap();
    let handover = json!({ "pickupCode": "123456" });
    let early = stage
        .staff
        .post_once(&format!("/wishes/{id}/handover"), handover)
        .await;
    early.expect_problem(409, "wish_state_conflict").unwrap();

    donor
        .get("/admin/wishes")
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    let reject = stage
        .decide(&id, json!({ "decision": "reject" }))
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(reject.body["errors"][0]["code"], "reason_required");
    stage
        .decide(&id, json!({ "decision": "publish" }))
        .await
        .expect_problem(409, "wish_state_conflict")
        .unwrap();
    let elsewhere = stage.server.signed_in(&stage.town.cadre(QUFU));
    let path = format!("/admin/wishes/{id}/decisions");
    elsewhere
        .post(&path, json!({ "decision": "publish", "revision": 1 }))
        .await
        .expect_problem(404, "not_found")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_locked_code_says_when_to_come_back(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let stage = Stage::new(kind).await;
    let id = stage.published().await;
    let claim = stage.claimed(&id).await;
    let arrival = format!("/wish-claims/{}/arrival", claim["id"].as_str().unwrap());
    stage
        .staff
        .post_once(&arrival, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let handover = format!("/wishes/{id}/handover");
    for _ in 0..5 {
        let reply = stage
            .staff
            .post_once(&handover, json!({ "pickupCode": "not it" }))
            .await;
        reply.expect_problem(422, "pickup_code_wrong").unwrap();
    }
    let locked = stage
        .staff
        .post_once(&handover, json!({ "pickupCode": "not it" }))
        .await;
    let locked = locked.expect_problem(429, "pickup_code_locked").unwrap();
    assert!(
        locked
            .header("retry-after")
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 800
    );
}
