//! The audit API, against the real binary.

use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    crew::{Crew, DISTRICT},
    database::Kind,
};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn what_was_done_is_there_and_gets_its_place_in_the_chain(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let crew = Crew::of(kind).await;
    let today = local_time::date_of(SystemClock.now());
    let campaign = json!({ "name": "审计体检", "district": DISTRICT, "from": today, "to": today });
    let campaign = crew
        .cadre
        .post("/admin/checkup-campaigns", campaign)
        .await
        .expect_status(201)
        .unwrap();

    let mut line = Value::Null;
    for _ in 0..150 {
        let page = crew
            .cadre
            .get("/admin/audit-entries?limit=100")
            .await
            .expect_status(200)
            .unwrap();
        let lines = page.body["items"].as_array().unwrap().clone();
        line = lines
            .into_iter()
            .find(|line| line["subject"] == campaign.body["id"])
            .expect("written with the change");
        if line["sequence"].is_i64() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
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

    let head = crew
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
    let crew = Crew::of(kind).await;
    for path in ["/admin/audit-entries", "/admin/audit-head"] {
        crew.stranger
            .get(path)
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
        for nobody in [&crew.newcomer().await, &crew.staff] {
            nobody
                .get(path)
                .await
                .expect_problem(403, "forbidden")
                .unwrap();
        }
    }
}
