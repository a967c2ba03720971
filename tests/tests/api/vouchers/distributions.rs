//! Draws, grants and recalls over HTTP, with the server's own jobs at work.

use chrono::TimeDelta;
use hmac::{Hmac, Mac};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    demo_town::DemoTown,
    eventually::eventually,
    servers::database::Kind,
};
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Asks until it is so.
async fn until(client: &Client, path: &str, is: impl Fn(&Value) -> bool) -> Reply {
    eventually(&format!("{path} says so"), async || {
        let reply = client.get(path).await.expect_status(200).unwrap();
        is(&reply.body).then_some(reply)
    })
    .await
}

#[rstest]
#[tokio::test]
async fn a_draw_is_entered_drawn_and_run_again_by_a_stranger(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let (one, two) = (
        town.provisional_member().await.unwrap().0,
        town.provisional_member().await.unwrap().0,
    );
    let mut draft = town.draft();
    (draft["distribution"], draft["quota"]) = (json!("draw"), json!(1));
    town.cadre
        .post("/admin/voucher-batches", draft.clone())
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    draft["drawAt"] = json!(local_time::rfc3339(
        SystemClock.now() + TimeDelta::seconds(10)
    ));
    let batch = town.running(draft).await.unwrap();
    let (entries, draw) = (
        format!("/voucher-batches/{batch}/entries"),
        format!("/voucher-batches/{batch}/draw"),
    );
    let before = town.stranger.get(&draw).await.expect_status(200).unwrap();
    assert_eq!(
        (&before.body["status"], &before.body["seed"]),
        (&json!("waiting"), &json!(null))
    );

    one.post(&entries, json!({}))
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    let key = fresh_key();
    let entry = one
        .post_with_key(&entries, json!({}), &key)
        .await
        .expect_status(201)
        .unwrap();
    let again = one
        .post_with_key(&entries, json!({}), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (again.header("idempotency-replayed"), &again.body),
        (Some("true"), &entry.body)
    );
    one.post_once(&entries, json!({}))
        .await
        .expect_problem(409, "entered_before")
        .unwrap();
    two.post_once(&entries, json!({}))
        .await
        .expect_status(201)
        .unwrap();
    town.claim(&one, &batch)
        .await
        .expect_problem(409, "distributed_otherwise")
        .unwrap();
    let offers = one
        .get("/voucher-batches?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    let offer = offers.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|offer| offer["id"] == batch.as_str())
        .unwrap();
    assert_eq!(
        (&offer["distribution"], &offer["missing"][0]["condition"]),
        (&json!("draw"), &json!("entered"))
    );
    assert_eq!(offer["entry"]["id"], entry.body["id"]);

    let drawn = until(&town.stranger, &draw, |body| body["status"] == "drawn").await;
    assert_eq!(drawn.body["commitment"], before.body["commitment"]);
    let seed = hex::decode(drawn.text("seed").unwrap()).unwrap();
    assert_eq!(
        hex::encode(Sha256::digest(&seed)),
        drawn.text("commitment").unwrap()
    );
    let items = drawn.body["items"].as_array().unwrap();
    let lot = |item: &Value| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&seed).unwrap();
        mac.update(item["entryId"].as_str().unwrap().as_bytes());
        mac.finalize().into_bytes()
    };
    assert!(items.len() == 2 && lot(&items[0]) < lot(&items[1]));
    assert_eq!(
        (&items[0]["status"], &items[1]["status"]),
        (&json!("won"), &json!("lost"))
    );
    let own = one
        .get(&format!("/voucher-draw-entries/{}", entry.id().unwrap()))
        .await
        .expect_status(200)
        .unwrap();
    let published = items
        .iter()
        .find(|item| item["entryId"] == entry.body["id"])
        .unwrap();
    assert_eq!(
        (&own.body["status"], &own.body["rank"]),
        (&published["status"], &published["rank"])
    );
    assert_eq!(town.balanced(&batch).await.unwrap()["issued"], 1);
    one.post_once(&entries, json!({}))
        .await
        .expect_problem(409, "entries_closed")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn grants_come_by_themselves_and_a_recall_takes_them_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let worker = town
        .provisional_member_who_is("live_streamer")
        .await
        .unwrap()
        .0;
    let mut draft = town.draft();
    draft["distribution"] = json!("allotment");
    draft["eligibility"]["occupations"] = json!(["live_streamer"]);
    let batch = town.running(draft).await.unwrap();
    let path = format!("/admin/voucher-batches/{batch}");
    town.claim(&worker, &batch)
        .await
        .expect_problem(409, "distributed_otherwise")
        .unwrap();
    let run = until(&town.cadre, &format!("{path}/allotment"), |body| {
        body["state"] == "finished"
    })
    .await;
    assert!(run.body["issued"].as_i64().unwrap() > 0, "{}", run.body);
    let of_batch = |body: &Value| {
        let items = body["items"].as_array().unwrap();
        items
            .iter()
            .find(|voucher| voucher["batch"]["id"] == batch.as_str())
            .cloned()
    };
    let mine = worker
        .get("/me/vouchers?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(of_batch(&mine.body).unwrap()["status"], "issued");

    let recalls = format!("{path}/recalls");
    let order = json!({ "all": true, "reason": "批次作废" });
    for wrong in [
        json!({ "reason": "批次作废" }),
        json!({ "all": true, "reason": "" }),
    ] {
        town.cadre
            .post(&recalls, wrong)
            .await
            .expect_problem(422, "invalid_fields")
            .unwrap();
    }
    town.cadre
        .post(&recalls, order.clone())
        .await
        .expect_problem(409, "recall_refused")
        .unwrap();
    town.cadre
        .post(&format!("{path}/stop"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let recall = town
        .cadre
        .post(&recalls, order)
        .await
        .expect_status(202)
        .unwrap();
    assert_eq!(
        (recall.text("status").unwrap(), &recall.body["all"]),
        ("running", &json!(true))
    );
    let conservation = format!("{path}/conservation");
    until(&town.cadre, &conservation, |body| body["live"] == 0).await;
    assert_eq!(town.balanced(&batch).await.unwrap()["reservedFen"], 0);
    let mine = worker
        .get("/me/vouchers?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(of_batch(&mine.body).unwrap()["status"], "recalled");
    let listed = town.checker.get(&recalls).await.expect_status(200).unwrap();
    assert_eq!(listed.body["items"][0]["recalled"], run.body["issued"]);
    town.cadre
        .post(&format!("{path}/closure"), json!({}))
        .await
        .expect_problem(409, "batch_unfinished")
        .unwrap();
}
