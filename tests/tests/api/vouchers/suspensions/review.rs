//! Held, reviewed, and paid or annulled.

use chrono::TimeDelta;
use niangjia_domain::kernel::Clock;
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    servers::database::Kind,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Burst, after_the_jobs_ran, items, officer, says_nothing, topics};
use crate::{
    settlements::{Counter, step},
    vouchers::refusals::refused,
};

#[rstest]
#[tokio::test]
async fn a_burst_is_held_reviewed_and_paid_or_annulled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counter = Counter::open(kind).await;
    let town = &counter.town;
    let (neighbour, auditor) = (
        officer(town, "cadre", QUFU).await,
        officer(town, "auditor", DISTRICT).await,
    );
    let burst = Burst::of(town).await;
    let held = after_the_jobs_ran(&counter).await;
    let mut ids: Vec<_> = held
        .iter()
        .map(|suspension| suspension["id"].as_str().unwrap())
        .collect();
    let mut expected: Vec<_> = burst.redemptions.iter().map(String::as_str).collect();
    ids.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert_eq!(
        (&held[0]["signals"][0]["signal"], &held[0]["stationId"]),
        (&json!("burst"), &json!(town.station))
    );
    assert_eq!(
        (&held[0]["overdue"], held[0]["dueAt"].is_string()),
        (&json!(false), true)
    );

    // Who may look, who may decide, and who hears of it.
    let queue = "/admin/redemption-suspensions?status=open";
    assert_eq!(items(&auditor, queue).await.len(), 10);
    assert_eq!(items(&neighbour, queue).await, Vec::<Value>::new());
    let decision = format!(
        "/admin/redemption-suspensions/{}/decisions",
        burst.redemptions[0]
    );
    let shown = "/admin/redemption-suspensions";
    let revision = town.cadre.revision(shown, &burst.redemptions[0]).await;
    let reject = json!({ "decision": "reject", "reason": "当时没有人就餐", "revision": revision });
    neighbour
        .post(&decision, reject.clone())
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    let (eater, voucher) = &burst.holders[0];
    for outsider in [&auditor, &town.staff, eater] {
        outsider
            .post(&decision, reject.clone())
            .await
            .expect_problem(403, "forbidden")
            .unwrap();
    }
    for outsider in [&town.staff, eater] {
        outsider
            .get(queue)
            .await
            .expect_problem(403, "forbidden")
            .unwrap();
    }
    let told = topics(&town.cadre, "redemptions_suspended").await;
    assert_eq!(
        told.iter()
            .filter(|topic| *topic == "redemptions_suspended")
            .count(),
        1,
        "one message a station"
    );

    // Neither the station nor the holder is warned.
    says_nothing(
        &eater
            .get(&format!("/vouchers/{voucher}"))
            .await
            .expect_status(200)
            .unwrap()
            .body,
    );
    let again = town
        .staff
        .post_once("/redemptions", burst.scans[0].clone())
        .await;
    says_nothing(&again.expect_problem(409, "already_redeemed").unwrap().body);
    for outsider in [&town.staff, eater] {
        says_nothing(
            &outsider
                .get("/me/inbox?limit=100")
                .await
                .expect_status(200)
                .unwrap()
                .body,
        );
    }

    // One never was a meal, another was.
    town.cadre
        .post(
            &decision,
            json!({ "decision": "reject", "reason": "", "revision": revision }),
        )
        .await
        .expect_status(422)
        .unwrap();
    let rejected = town
        .cadre
        .post(&decision, reject.clone())
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            rejected.text("status").unwrap(),
            &rejected.body["decision"]["reason"]
        ),
        ("rejected", &reject["reason"])
    );
    town.checker
        .post(&decision, reject)
        .await
        .expect_status(409)
        .unwrap();
    let revision = town.cadre.revision(shown, &burst.redemptions[1]).await;
    let release =
        json!({ "decision": "lift", "reason": "集体就餐，已核对监控", "revision": revision });
    let other = format!(
        "/admin/redemption-suspensions/{}/decisions",
        burst.redemptions[1]
    );
    let released = town
        .cadre
        .post(&other, release)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(released.text("status").unwrap(), "lifted");
    assert_eq!(items(&town.cadre, queue).await.len(), 8);

    // The voucher is void, and says so to whoever scans it again.
    let mine = eater
        .get(&format!("/vouchers/{voucher}"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(mine.text("status").unwrap(), "deactivated");
    topics(eater, "redemption_rejected").await;
    let fresh = burst.first.code(SystemClock.now() + TimeDelta::seconds(30));
    refused(town, town.scan_of(&fresh), 409, "deactivated").await;
    town.balanced(&burst.batch).await.unwrap();

    // Only what was released is paid.
    counter.until_tomorrow().await;
    let sheet = counter.open_sheet().await;
    let frozen = step(&town.cadre, &sheet, "freeze", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            &frozen.body["sheet"]["lines"],
            &frozen.body["sheet"]["totalFen"]
        ),
        (&json!(1), &json!(1_500))
    );
    let lines = items(&town.staff, &format!("/admin/settlements/{sheet}/lines")).await;
    assert!(
        lines[0].to_string().contains(&burst.redemptions[1]),
        "{lines:?}"
    );
    says_nothing(&json!(lines));
    town.balanced(&burst.batch).await.unwrap();
}
