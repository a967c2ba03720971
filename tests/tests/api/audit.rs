//! The audit API, against the real binary.

use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    demo_town::DemoTown, eventually::eventually, places::DISTRICT, servers::database::Kind,
};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn what_was_done_is_there_and_gets_its_place_in_the_chain(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let today = local_time::date_of(SystemClock.now());
    let campaign = json!({ "name": "审计体检", "district": DISTRICT, "from": today, "to": today });
    let campaign = town
        .cadre
        .post("/admin/checkup-campaigns", campaign)
        .await
        .expect_status(201)
        .unwrap();

    let line = eventually("the line got its place in the chain", async || {
        let page = town.cadre.get("/admin/audit-entries?limit=100").await;
        let page = page.expect_status(200).unwrap();
        let mut lines = page.body["items"].as_array().unwrap().iter();
        let line = lines
            .find(|line| line["subject"] == campaign.body["id"])
            .expect("written with the change");
        line["sequence"].is_i64().then(|| line.clone())
    })
    .await;
    assert_eq!(
        (&line["action"], &line["role"]),
        (&json!("checkup_campaign.opened"), &json!("cadre"))
    );
    assert_eq!(
        (
            &line["district"],
            line["requestId"].as_str().unwrap().is_empty()
        ),
        (&json!(DISTRICT), false)
    );

    let head = town
        .cadre
        .get("/admin/audit-head")
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        head.body["sequence"].as_i64() >= line["sequence"].as_i64(),
        "sealed within seconds: {line}"
    );
    assert!(head.text("hash").unwrap().len() == 64 && line["sequence"].is_i64());
}

#[rstest]
#[tokio::test]
async fn the_trail_is_not_for_everybody(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    for path in ["/admin/audit-entries", "/admin/audit-head"] {
        town.stranger
            .get(path)
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
        for nobody in [&town.newcomer().await.unwrap(), &town.staff] {
            nobody
                .get(path)
                .await
                .expect_problem(403, "forbidden")
                .unwrap();
        }
    }
}
