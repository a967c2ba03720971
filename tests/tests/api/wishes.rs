//! The wishes API: the whole way over HTTP, what strangers see, and every refusal with its status
//! and code.

use chrono::TimeDelta;
use niangjia_domain::{kernel::Actor, wishes::moderation::text_check::Verdict};
use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    database::Kind,
    wish_scene::{DISTRICT, Scene},
    wish_server::WishServer,
};
use rstest::rstest;
use serde_json::{Value, json};

/// A scene with everybody signed in.
struct Stage {
    scene: Scene,
    server: WishServer,
    somebody: Actor,
    worker: Client,
    donor: Client,
    staff: Client,
    cadre: Client,
}

impl Stage {
    async fn new(kind: Kind) -> Self {
        let scene = Scene::new(kind).await;
        let server = WishServer::start(&scene);
        let somebody = scene.worker().await;
        Self {
            worker: server.signed_in(&somebody),
            donor: server.signed_in(&scene.donor().await),
            staff: server.signed_in(&scene.staff().await),
            cadre: server.signed_in(&scene.cadre(DISTRICT)),
            somebody,
            server,
            scene,
        }
    }

    async fn new_wish(&self) -> Value {
        let photo = self.scene.photo(&self.somebody).await;
        json!({
            "title": "想要一个保温杯", "story": "冬天跑单想喝口热水。", "category": "daily_goods",
            "estimateFen": 8_800, "photoIds": [photo], "stationId": self.scene.station.id,
        })
    }

    async fn published(&self) -> String {
        let wish = self
            .worker
            .post_once("/wishes", self.new_wish().await)
            .await
            .expect_status(201)
            .unwrap();
        let id = wish.id().unwrap().to_owned();
        self.decide(&id, json!({ "decision": "publish" }))
            .await
            .expect_status(200)
            .unwrap();
        id
    }

    async fn decide(&self, id: &str, decision: Value) -> Reply {
        self.cadre.decide_on_wish(id, decision).await
    }

    async fn claimed(&self, wish: &str) -> Value {
        let path = format!("/wishes/{wish}/claims");
        self.donor
            .post_once(&path, json!({ "anonymous": true }))
            .await
            .expect_status(201)
            .unwrap()
            .body
    }
}

fn has_no_one(body: &Value) {
    let text = body.to_string();
    for secret in [
        "account",
        "person",
        "phone",
        "donor",
        "address",
        "acct_",
        "pers_",
        "演示路",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

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

    let photo = stage.scene.photo(&stage.somebody).await;
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
    let station = json!({ "id": stage.scene.station.id, "name": "演示驿站", "district": "370811" });
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
    let elsewhere = stage.server.signed_in(&stage.scene.cadre("370881"));
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
    stage.scene.machine.says(Some(Verdict::Risky));
    let refused = stage
        .donor
        .post_once(&claims, json!({ "displayName": "坏名字" }))
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(refused.body["errors"][0]["field"], "displayName");
    stage.scene.machine.says(Some(Verdict::Pass));
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
    stage.scene.machine.says(None);
    let wish = stage
        .worker
        .post_once("/wishes", stage.new_wish().await)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(wish.body["status"], "checking");
    stage.scene.machine.says(Some(Verdict::Pass));
    assert_eq!(stage.scene.wishes.check_pending(10).await.unwrap(), 1);
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
    stage.scene.machine.says(None);
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
    stage.scene.clock.advance(TimeDelta::days(30));
    stage
        .worker
        .post_once("/wishes", stage.new_wish().await)
        .await
        .expect_status(201)
        .unwrap();
}
