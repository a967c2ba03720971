//! What somebody found wrong with a station.

use niangjia_tests::{
    client::fresh_key, demo_town::DemoTown, eventually::eventually, servers::database::Kind,
};
use rstest::rstest;
use serde_json::json;

use super::assert_field;

#[rstest]
#[tokio::test]
async fn a_report_reaches_the_stations_keepers_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let worker = town.newcomer().await.unwrap();
    let path = format!("/stations/{}/reports", town.station);
    let (report, key) = (
        json!({ "kind": "found_shut", "note": "中午十二点没开门" }),
        fresh_key(),
    );
    let first = worker.post_with_key(&path, report.clone(), &key).await;
    let first = first.expect_status(201).unwrap();
    let id = first.id().unwrap();
    let location = format!("/api/v1{path}/{id}");
    assert_eq!(first.header("location"), Some(&*location));
    let again = worker.post_with_key(&path, report.clone(), &key).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));

    let told = async || {
        let inbox = town.staff.get("/me/inbox?limit=100").await;
        let inbox = inbox.expect_status(200).unwrap().body;
        let items = inbox["items"].as_array().unwrap().iter();
        let about = items.filter(|notice| notice["subject"] == id);
        about.cloned().collect::<Vec<_>>()
    };
    let notices = eventually("the keepers hear of the report", async || {
        Some(told().await).filter(|notices| !notices.is_empty())
    });
    let notices = notices.await;
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0]["topic"], "station_found_shut");
    let text = notices[0].to_string();
    assert!(
        !text.contains("中午十二点"),
        "the note stays with the report"
    );

    let nowhere = "/stations/stn_01jd3v7c9vf8ys2v4t0y3z5q7r/reports";
    let absent = worker.post_once(nowhere, report.clone()).await;
    absent.expect_problem(404, "not_found").unwrap();
    let unsigned = town.stranger.post_once(&path, report.clone()).await;
    unsigned.expect_problem(401, "unauthenticated").unwrap();
    let keyless = worker.post(&path, report).await;
    keyless
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    let long = json!({ "kind": "other", "note": "长".repeat(201) });
    assert_field(&worker.post_once(&path, long).await, "note", "text_length");
    let unknown = worker.post_once(&path, json!({ "kind": "haunted" })).await;
    let unknown = unknown.expect_status(422).unwrap();
    assert_eq!(
        unknown.body["errors"][0]["field"], "kind",
        "{}",
        unknown.body
    );
}
