//! From submission to thanks, and every call made twice.

use niangjia_tests::{client::fresh_key, servers::database::Kind};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Stage, has_no_one};

#[rstest]
#[tokio::test]
async fn the_whole_way_over_http(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let stage = Stage::new(kind).await;
    let wish = stage
        .worker
        .post_once("/wishes", stage.new_wish().await)
        .await
        .expect_status(201)
        .unwrap();
    let id = wish.id().unwrap();
    assert_eq!(wish.body, json!({ "id": id, "status": "reviewing" }));
    assert_eq!(
        wish.header("location"),
        Some(format!("/api/v1/wishes/{id}").as_str())
    );

    let path = format!("/wishes/{id}");
    stage
        .server
        .stranger()
        .get(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    stage
        .donor
        .get(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    let own = stage.worker.get(&path).await.expect_status(200).unwrap();
    assert_eq!(own.header("cache-control"), Some("no-store"));
    let queue = stage
        .cadre
        .get("/admin/wishes?status=reviewing")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        queue.body["items"][0]["machine"],
        json!({ "verdict": "pass", "label": "test" })
    );
    assert!(
        queue.body["items"][0]["dueAt"]
            .as_str()
            .unwrap()
            .ends_with("+08:00")
    );
    let published = stage
        .decide(id, json!({ "decision": "publish" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(published.body, json!({ "id": id, "status": "published" }));

    let claim = stage.claimed(id).await;
    assert_eq!(
        (&claim["wishId"], &claim["status"]),
        (&json!(id), &json!("active"))
    );
    assert_eq!(
        claim["station"]["address"], "演示路 1 号",
        "donors learn where to send it"
    );
    let claim = claim["id"].as_str().unwrap();
    let parcel = json!({ "carrier": "顺丰", "trackingNo": "SF0000000000" });
    let sent = stage
        .donor
        .post(&format!("/wish-claims/{claim}/dispatch"), parcel)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (&sent.body["status"], &sent.body["wishStatus"]),
        (&json!("dispatched"), &json!("in_transit"))
    );
    let arrival = stage
        .staff
        .post_once(&format!("/wish-claims/{claim}/arrival"), json!({}))
        .await;
    let arrival = arrival.expect_status(200).unwrap();
    assert_eq!(arrival.body["wishStatus"], "at_station");
    assert!(
        arrival.body.get("pickupCode").is_none(),
        "the code is the worker's alone"
    );

    let mine = stage
        .worker
        .get("/me/wishes")
        .await
        .expect_status(200)
        .unwrap();
    let code = mine.body["items"][0]["pickupCode"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(mine.body["items"][0]["claim"]["displayName"], Value::Null);
    let handover = format!("/wishes/{id}/handover");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = stage
        .staff
        .post_once(&handover, json!({ "pickupCode": wrong }))
        .await;
    assert_eq!(
        refused
            .expect_problem(422, "pickup_code_wrong")
            .unwrap()
            .body["attemptsLeft"],
        4
    );
    let done = stage
        .staff
        .post_once(&handover, json!({ "pickupCode": code }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(done.body, json!({ "id": id, "status": "handed_over" }));

    let photo = stage.town.photo(&stage.somebody).await;
    let thanks =
        json!({ "message": "谢谢您，杯子很暖！", "photoIds": [photo], "faceConsent": true });
    stage
        .worker
        .post(&format!("/wishes/{id}/thanks"), thanks)
        .await
        .expect_status(200)
        .unwrap();
    let public = stage
        .server
        .stranger()
        .get(&path)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(public.body["thanks"]["message"], "谢谢您，杯子很暖！");
    assert_eq!(public.body["thanks"]["photos"].as_array().unwrap().len(), 1);
    has_no_one(&public.body);
    let claims = stage
        .donor
        .get("/me/wish-claims")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(claims.body["items"][0]["status"], "fulfilled");
    assert_eq!(claims.body["items"][0]["wish"]["status"], "thanked");
    assert_eq!(
        claims.body["items"][0]["thanks"]["message"],
        "谢谢您，杯子很暖！"
    );
}

#[rstest]
#[tokio::test]
async fn repetitions_are_answered_and_marked(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let stage = Stage::new(kind).await;
    let (body, key) = (stage.new_wish().await, fresh_key());
    let first = stage
        .worker
        .post_with_key("/wishes", body.clone(), &key)
        .await
        .expect_status(201)
        .unwrap();
    let again = stage
        .worker
        .post_with_key("/wishes", body.clone(), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let mut other = body;
    other["title"] = json!("想要一副手套");
    let reused = stage.worker.post_with_key("/wishes", other, &key).await;
    reused
        .expect_problem(422, "idempotency_key_reused")
        .unwrap();
}
