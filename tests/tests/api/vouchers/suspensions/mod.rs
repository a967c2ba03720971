//! What looks like collusion, from the scans over the job and the review to payment or the end of
//! the voucher: over HTTP.

mod review;

use std::sync::Arc;

use niangjia_domain::kernel::Clock;
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::Client, demo_town::DemoTown, eventually::eventually, people, rows::watching,
    servers::process::PASSWORD,
};
use serde_json::{Value, json};

use crate::{settlements::Counter, vouchers::refusals::Eater};

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
    async fn of(town: &DemoTown) -> Self {
        let (first, batch) = Eater::of(town, town.draft()).await;
        let mut holders = vec![(first.worker.clone(), first.voucher.to_string())];
        for _ in 1..10 {
            holders.push(town.holder(&batch).await.unwrap());
        }
        // Shown before, so that nothing but scanning takes time.
        let mut scans = vec![town.scan_of(&first.code(SystemClock.now()))];
        for (worker, voucher) in &holders[1..] {
            let code = town.code(worker, voucher).await.unwrap();
            scans.push(town.scan_of(code.text("payload").unwrap()));
        }
        let scanned = scans.iter().map(|scan| {
            let (staff, scan) = (town.staff.clone(), scan.clone());
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

/// What the job does every few minutes, done now: the server leads the job, and rests.
async fn after_the_jobs_ran(counter: &Counter) -> Vec<Value> {
    let watcher = watching(Arc::new(counter.store.clone()), Arc::new(SystemClock));
    assert_eq!(watcher.watch_events().await.unwrap(), 10);
    items(
        &counter.town.cadre,
        "/admin/redemption-suspensions?status=open",
    )
    .await
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    let page = client.get(path).await.expect_status(200).unwrap();
    page.body["items"].as_array().unwrap().clone()
}

/// Topics in somebody's inbox, once `expected` is among them.
async fn topics(client: &Client, expected: &str) -> Vec<String> {
    eventually(&format!("{expected} is in the inbox"), async || {
        let inbox = items(client, "/me/inbox?limit=100").await;
        let topics = inbox.iter().map(|notice| notice["topic"].as_str().unwrap());
        let topics: Vec<_> = topics.map(str::to_owned).collect();
        topics
            .iter()
            .any(|topic| topic == expected)
            .then_some(topics)
    })
    .await
}

async fn officer(town: &DemoTown, role: &str, district: &str) -> Client {
    let admin = town.stranger.password("admin", PASSWORD).await.unwrap();
    let invitation = json!({ "role": role, "district": district });
    let invitation = admin
        .post("/admin/staff-invitations", invitation)
        .await
        .expect_status(201)
        .unwrap();
    let officer = town
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
