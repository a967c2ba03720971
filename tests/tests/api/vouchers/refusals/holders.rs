//! Refused for the holder or the batch.

use niangjia_domain::kernel::Clock;
use niangjia_infra::system::SystemClock;
use niangjia_tests::{demo_town::DemoTown, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{Eater, refused};

#[rstest]
#[tokio::test]
async fn holder_and_batch_are_refused_with_whom_to_ask(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let now = SystemClock.now();
    let mut two_each = town.draft();
    two_each["perPersonLimit"] = json!(2);
    let (eater, batch) = Eater::of(&town, two_each).await;
    let second = town
        .claim(&eater.worker, &batch)
        .await
        .expect_status(201)
        .unwrap()
        .id()
        .unwrap()
        .to_owned();
    town.staff
        .post_once("/redemptions", eater.scan(&town, now))
        .await
        .expect_status(201)
        .unwrap();
    let code = town.code(&eater.worker, &second).await.unwrap();
    refused(
        &town,
        town.scan_of(code.text("payload").unwrap()),
        409,
        "person_meal_limit",
    )
    .await;

    let (eater, batch) = Eater::of(&town, town.draft()).await;
    town.cadre
        .post(&format!("/admin/voucher-batches/{batch}/pause"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    refused(&town, eater.scan(&town, now), 409, "batch_paused").await;

    let (eater, _) = Eater::of(&town, town.draft()).await;
    eater
        .worker
        .post("/me/membership/withdrawal", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    refused(&town, eater.scan(&town, now), 409, "standing_insufficient").await;
}
