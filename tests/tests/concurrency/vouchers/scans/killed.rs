//! Scans whose process died.

use std::sync::Arc;

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{Clock, id::VoucherId},
    vouchers::codes::code::{CodeSecret, CodeStep},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    demo_town::DemoTown,
    servers::{process::PASSWORD, two_processes::TwoProcesses},
};
use serde_json::{Value, json};

/// A holder's phone: it makes its codes itself.
struct Phone {
    voucher: VoucherId,
    device_no: u16,
    secret: CodeSecret,
}

impl Phone {
    async fn of(town: &DemoTown, batch: &str) -> Self {
        let (worker, voucher) = town.holder(batch).await.unwrap();
        let told = worker
            .post(
                &format!("/vouchers/{voucher}/code-secret"),
                json!({ "deviceId": "phone-1" }),
            )
            .await;
        let told = told.expect_status(201).unwrap();
        let device_no = u16::try_from(told.body["deviceNo"].as_u64().unwrap()).unwrap();
        let secret = CodeSecret::parse(told.text("secret").unwrap()).unwrap();
        Self {
            voucher: voucher.parse().unwrap(),
            device_no,
            secret,
        }
    }

    /// A scan that says when it was made: asked again later, it is still of that moment.
    fn scan(&self, town: &DemoTown) -> Value {
        let now = SystemClock.now();
        let mut scan =
            town.scan_of(&CodeStep::at(self.voucher, self.device_no, now).payload(&self.secret));
        scan["scannedAt"] = json!(niangjia_domain::kernel::values::local_time::rfc3339(now));
        scan
    }
}

async fn answer(staff: &Client, scan: &Value, key: &str) -> Option<Reply> {
    // A killed process gives no answer, and that makes the client panic.
    let (staff, scan, key) = (staff.clone(), scan.clone(), key.to_owned());
    tokio::spawn(async move { staff.post_with_key("/redemptions", scan, &key).await })
        .await
        .ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_unknown_is_told_by_the_other() {
    let mut processes = TwoProcesses::start().await;
    let town = DemoTown::enter(&processes.one.base, PASSWORD)
        .await
        .unwrap();
    let mut draft = town.draft();
    (draft["quota"], draft["budgetFen"]) = (json!(40), json!(60_000));
    let batch = town.running(draft).await.unwrap();
    let mut phones = Vec::new();
    for _ in 0..40 {
        phones.push(Phone::of(&town, &batch).await);
    }
    let scans: Vec<(Value, String)> = phones
        .iter()
        .map(|phone| (phone.scan(&town), fresh_key()))
        .collect();
    let staff = town.staff.clone();
    // The process dies while scans are in flight: as soon as the first of them was answered.
    let (first, dies) = tokio::sync::oneshot::channel::<()>();
    let first = Arc::new(std::sync::Mutex::new(Some(first)));
    let all = scans.iter().map(|(scan, key)| {
        let (staff, scan, key, first) = (staff.clone(), scan.clone(), key.clone(), first.clone());
        tokio::spawn(async move {
            let reply = answer(&staff, &scan, &key).await;
            first.lock().unwrap().take().map(|first| first.send(()));
            reply
        })
    });
    let all: Vec<_> = all.collect();
    dies.await.unwrap();
    processes.one.kill();
    let seen: Vec<Option<Reply>> = join_all(all)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();

    let other = Client::new(&processes.two.base).with_token(staff.token().unwrap());
    let mut redemptions = std::collections::BTreeSet::new();
    for ((scan, key), seen) in scans.iter().zip(seen) {
        let told = other
            .post_with_key("/redemptions", scan.clone(), key)
            .await
            .expect_status(201)
            .unwrap();
        if let Some(seen) = seen {
            assert_eq!(
                (seen.status, &seen.body),
                (201, &told.body),
                "an answer that was given is given again"
            );
            assert_eq!(told.header("idempotency-replayed"), Some("true"));
        }
        assert!(redemptions.insert(told.id().unwrap().to_owned()));
    }
    let sums = town.at(&processes.two.base).balanced(&batch).await.unwrap();
    assert_eq!(sums["redeemed"], 40);
}
