//! Imports over HTTP: handed in, looked at, taken in the background, reported.

mod files;
mod reports;

use std::time::Duration;

use niangjia_tests::{client::Client, eventually::eventually_within};
use serde_json::Value;

use crate::coverage::cast;

/// A job of two seconds' period takes each file up, and the largest file takes minutes.
const PATIENCE: Duration = Duration::from_mins(10);

async fn cadre() -> Client {
    cast::desk(&cast::stranger().await, "cadre").await
}

/// Hands a roster in and waits for its report.
async fn imported(client: &Client, name: &str, file: Vec<u8>, dry_run: bool) -> Value {
    let received = client.hand_in("roster", name, file, dry_run).await;
    let received = received.expect_status(202).unwrap();
    let location = received.header("location").unwrap().to_owned();
    let id = received.id().unwrap();
    assert_eq!(location, format!("/api/v1/admin/imports/{id}"));
    report(client, &location).await
}

async fn report(client: &Client, location: &str) -> Value {
    eventually_within(PATIENCE, &format!("{location} ends"), async || {
        let report = client.get(location).await.expect_status(200).unwrap().body;
        (!report["finishedAt"].is_null()).then_some(report)
    })
    .await
}

fn counts(report: &Value) -> [u64; 5] {
    ["read", "added", "updated", "unchanged", "refused"]
        .map(|name| report["rows"][name].as_u64().unwrap())
}
