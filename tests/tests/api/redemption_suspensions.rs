//! What looks like collusion, from the scans over the job and the review to payment or the end of
//! the voucher: over HTTP.

use std::time::Duration;

use chrono::TimeDelta;
use niangjia_domain::kernel::Clock;
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::Client,
    database::Kind,
    lunch::Lunch,
    people,
    process::{PASSWORD, Process},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    settlements::{Counter, step},
    voucher_refusals::{Eater, refused},
};

/// Ten meals that one staff member scanned as fast as the server answers.
struct Burst {
    batch: String,
    /// The first one's phone makes its own codes.
    first: Eater,
    holders: Vec<(Client, String)>,
    scans: Vec<Value>,
    /// In the order of the holders.
    redemptions: Vec<String>,
}

impl Burst {
    async fn of(lunch: &Lunch) -> Self {
        let (first, batch) = Eater::of(lunch, lunch.draft()).await;
        let mut holders = vec![(first.worker.clone(), first.voucher.to_string())];
        for _ in 1..10 {
            holders.push(lunch.holder(&batch).await);
        }
        // Shown before, so that nothing but scanning takes time.
        let mut scans = vec![lunch.scan_of(&first.code(SystemClock.now()))];
        for (worker, voucher) in &holders[1..] {
            let code = lunch.code(worker, voucher).await;
            scans.push(lunch.scan_of(code.text("payload").unwrap()));
        }
        let scanned = scans.iter().map(|scan| {
            let (staff, scan) = (lunch.staff.clone(), scan.clone());
            tokio::spawn(async move { staff.post_once("/redemptions", scan).await })
        });
        let mut redemptions = Vec::new();
        for scan in scanned.collect::<Vec<_>>() {
            redemptions.push(
                scan.await
                    .unwrap()
                    .expect_status(201)
                    .unwrap()
                    .id()
                    .unwrap()
                    .to_owned(),
            );
        }
        Self {
            batch,
            first,
            holders,
            scans,
            redemptions,
        }
    }
}

/// The jobs run when a process starts; it is gone again when they have found this.
async fn after_the_jobs_ran(counter: &Counter) -> Vec<Value> {
    let (folder, settings) = (counter.folder.clone(), counter.settings.clone());
    let another = tokio::task::spawn_blocking(move || Process::start(&folder, &settings))
        .await
        .unwrap();
    for _ in 0..300 {
        let held = items(
            &counter.lunch.cadre,
            "/admin/redemption-suspensions?status=open",
        )
        .await;
        if held.len() == 10 {
            drop(another);
            return held;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing was held: {}", another.log());
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    let page = client.get(path).await.expect_status(200).unwrap();
    page.body["items"].as_array().unwrap().clone()
}

/// Topics in somebody's inbox, once `expected` is among them.
async fn topics(client: &Client, expected: &str) -> Vec<String> {
    for _ in 0..100 {
        let inbox = items(client, "/me/inbox?limit=100").await;
        let topics: Vec<_> = inbox
            .iter()
            .map(|notice| notice["topic"].as_str().unwrap().to_owned())
            .collect();
        if topics.iter().any(|topic| topic == expected) {
            return topics;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no {expected} within ten seconds");
}

async fn officer(lunch: &Lunch, role: &str, district: &str) -> Client {
    let admin = lunch.stranger.password("admin", PASSWORD).await.unwrap();
    let invitation = json!({ "role": role, "district": district });
    let invitation = admin
        .post("/admin/staff-invitations", invitation)
        .await
        .expect_status(201)
        .unwrap();
    let officer = lunch
        .stranger
        .wechat(&format!("dev:officer-{}", people::token()))
        .await
        .unwrap();
    let code = json!({ "invitationCode": invitation.text("invitationCode").unwrap() });
    officer
        .post("/auth/staff-bindings", code)
        .await
        .expect_status(201)
        .unwrap();
    officer
}

fn says_nothing(body: &Value) {
    let text = body.to_string();
    for word in ["held", "signal", "collusion", "burst", "复核"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[rstest]
#[tokio::test]
async fn a_burst_is_held_reviewed_and_paid_or_annulled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counter = Counter::open(kind).await;
    let lunch = &counter.lunch;
    let (neighbour, auditor) = (
        officer(lunch, "cadre", "370881").await,
        officer(lunch, "auditor", "370811").await,
    );
    let burst = Burst::of(lunch).await;
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
        (&json!("burst"), &json!(lunch.station))
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
    let revision = lunch.cadre.revision(shown, &burst.redemptions[0]).await;
    let reject = json!({ "decision": "reject", "reason": "当时没有人就餐", "revision": revision });
    neighbour
        .post(&decision, reject.clone())
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    let (eater, voucher) = &burst.holders[0];
    for outsider in [&auditor, &lunch.staff, eater] {
        outsider
            .post(&decision, reject.clone())
            .await
            .expect_problem(403, "forbidden")
            .unwrap();
    }
    for outsider in [&lunch.staff, eater] {
        outsider
            .get(queue)
            .await
            .expect_problem(403, "forbidden")
            .unwrap();
    }
    let told = topics(&lunch.cadre, "redemptions_suspended").await;
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
    let again = lunch
        .staff
        .post_once("/redemptions", burst.scans[0].clone())
        .await;
    says_nothing(&again.expect_problem(409, "already_redeemed").unwrap().body);
    for outsider in [&lunch.staff, eater] {
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
    lunch
        .cadre
        .post(
            &decision,
            json!({ "decision": "reject", "reason": "", "revision": revision }),
        )
        .await
        .expect_status(422)
        .unwrap();
    let rejected = lunch
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
    lunch
        .checker
        .post(&decision, reject)
        .await
        .expect_status(409)
        .unwrap();
    let revision = lunch.cadre.revision(shown, &burst.redemptions[1]).await;
    let release =
        json!({ "decision": "lift", "reason": "集体就餐，已核对监控", "revision": revision });
    let other = format!(
        "/admin/redemption-suspensions/{}/decisions",
        burst.redemptions[1]
    );
    let released = lunch
        .cadre
        .post(&other, release)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(released.text("status").unwrap(), "lifted");
    assert_eq!(items(&lunch.cadre, queue).await.len(), 8);

    // The voucher is void, and says so to whoever scans it again.
    let mine = eater
        .get(&format!("/vouchers/{voucher}"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(mine.text("status").unwrap(), "deactivated");
    topics(eater, "redemption_rejected").await;
    let fresh = burst.first.code(SystemClock.now() + TimeDelta::seconds(30));
    refused(lunch, lunch.scan_of(&fresh), 409, "deactivated").await;
    lunch.balanced(&burst.batch).await;

    // Only what was released is paid.
    counter.until_tomorrow().await;
    let sheet = counter.open_sheet().await;
    let frozen = step(&lunch.cadre, &sheet, "freeze", json!({}))
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
    let lines = items(&lunch.staff, &format!("/admin/settlements/{sheet}/lines")).await;
    assert!(
        lines[0].to_string().contains(&burst.redemptions[1]),
        "{lines:?}"
    );
    says_nothing(&json!(lines));
    lunch.balanced(&burst.batch).await;
}
