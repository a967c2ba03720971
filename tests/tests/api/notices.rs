//! The notices API, against the real binary.

use niangjia_tests::{
    client::Client, demo_town::DemoTown, eventually::eventually, servers::database::Kind,
};
use rstest::rstest;
use serde_json::{Value, json};

async fn inbox(client: &Client) -> Vec<Value> {
    let page = client.get("/me/inbox").await.expect_status(200).unwrap();
    assert_eq!(page.header("cache-control"), Some("no-store"));
    page.body["items"].as_array().unwrap().clone()
}

#[rstest]
#[tokio::test]
async fn news_comes_to_its_owner_and_is_read_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let (worker, other) = (town.member().await.unwrap(), town.newcomer().await.unwrap());
    let topic = first_topic(&worker).await;
    let notice = inbox(&worker)
        .await
        .into_iter()
        .find(|notice| notice["topic"] == *topic)
        .unwrap();
    assert_eq!(notice["readAt"], Value::Null);
    assert!(inbox(&other).await.is_empty());

    let path = format!("/me/inbox/{}/read", notice["id"].as_str().unwrap());
    other
        .post(&path, json!({}))
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    town.stranger
        .post(&path, json!({}))
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    let read = worker
        .post(&path, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert!(read.text("readAt").unwrap().ends_with("+08:00"));
    let again = worker
        .post(&path, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(again.body, read.body, "the first reading counts");
    town.stranger
        .get("/me/inbox")
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}

/// Being accepted is news; which topic it has is membership's affair.
async fn first_topic(worker: &Client) -> String {
    eventually("news is in the inbox", async || {
        let inbox = inbox(worker).await;
        Some(inbox.first()?["topic"].as_str().unwrap().to_owned())
    })
    .await
}
