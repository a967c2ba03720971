//! When a batch opens, runs out and closes.

use chrono::TimeDelta;
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{demo_town::DemoTown, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn quota_and_codes_are_refused_in_words(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    town.holder(&batch).await.unwrap();
    let path = format!("/admin/voucher-batches/{batch}/quota");
    let change = async |current, target| {
        town.cadre
            .put(&path, json!({ "current": current, "target": target }))
            .await
    };
    let changed = change(9, 20)
        .await
        .expect_problem(409, "quota_changed")
        .unwrap();
    assert_eq!(changed.body["current"], 10);
    change(10, 0)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let fewer = change(10, 1).await.expect_status(200).unwrap();
    assert_eq!(fewer.body["quota"], 1);
    let late = town.provisional_member().await.unwrap().0;
    town.claim(&late, &batch)
        .await
        .expect_problem(409, "batch_exhausted")
        .unwrap();
    for code in ["", "NJ1.x", "'; DROP TABLE vouchers; --", "\u{0}"] {
        town.staff
            .post_once("/redemptions", town.scan_of(code))
            .await
            .expect_problem(422, "invalid_code")
            .unwrap();
    }
    let mut skewed = town.scan_of("NJ1.x");
    skewed["scannedAt"] = json!("2020-01-01T12:00:00+08:00");
    town.staff
        .post_once("/redemptions", skewed)
        .await
        .expect_problem(422, "clock_skew")
        .unwrap();
    let mut cheap = town.scan_of("NJ1.x");
    cheap["priceFen"] = json!(-1);
    town.staff
        .post_once("/redemptions", cheap)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_batch_is_closed_when_everything_is_settled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    let path = format!("/admin/voucher-batches/{batch}");
    let closure = format!("{path}/closure");
    town.cadre
        .post(&closure, json!({}))
        .await
        .expect_problem(409, "batch_state_conflict")
        .unwrap();
    town.holder(&batch).await.unwrap();
    town.cadre
        .post(&format!("{path}/stop"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let refused = town
        .cadre
        .post(&closure, json!({}))
        .await
        .expect_problem(409, "batch_unfinished")
        .unwrap();
    assert_eq!(
        (&refused.body["live"], &refused.body["reservedFen"]),
        (&json!(1), &json!(1_500))
    );

    let unused = town.running(town.draft()).await.unwrap();
    let path = format!("/admin/voucher-batches/{unused}");
    town.cadre
        .post(&format!("{path}/stop"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let closed = town
        .cadre
        .post(&format!("{path}/closure"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(closed.text("status").unwrap(), "closed");
    for after in ["closure", "resume", "stop"] {
        town.cadre
            .post(&format!("{path}/{after}"), json!({}))
            .await
            .expect_problem(409, "batch_state_conflict")
            .unwrap();
    }
    let listed = town
        .cadre
        .get("/admin/voucher-batches?status=closed&limit=100")
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        listed.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|batch| batch["id"] == unused.as_str())
    );
}

#[rstest]
#[tokio::test]
async fn a_batch_that_opens_later_says_when(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let mut draft = town.draft();
    draft["claimsFrom"] = draft["validTo"].clone();
    let late = town
        .cadre
        .post("/admin/voucher-batches", draft.clone())
        .await
        .expect_problem(422, "invalid_fields");
    assert_eq!(late.unwrap().body["errors"][0]["field"], "claimsFrom");
    let opening = local_time::rfc3339(SystemClock.now() + TimeDelta::minutes(10));
    draft["claimsFrom"] = json!(opening);
    let batch = town.running(draft).await.unwrap();
    let worker = town.provisional_member().await.unwrap().0;
    for _ in 0..2 {
        let early = town
            .claim(&worker, &batch)
            .await
            .expect_problem(409, "batch_not_open_yet")
            .unwrap();
        let wait: u64 = early.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=600).contains(&wait), "{wait}");
        assert!(
            early
                .text("detail")
                .unwrap()
                .contains(&opening[..16].replace('T', " ")),
            "{}",
            early.body
        );
    }
    let offers = worker
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
        (&offer["available"], &offer["missing"][0]["condition"]),
        (&json!(false), &json!("not_open_yet"))
    );
    assert_eq!(offer["claimsFrom"].as_str().unwrap()[..16], opening[..16]);
}
