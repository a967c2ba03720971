//! Every reason of a refused scan, as the scanner of a station hears it: status, code, and what to
//! do in Chinese.

mod holders;
mod scans;

use chrono::{DateTime, Timelike, Utc};
use niangjia_domain::{
    kernel::{Clock, id::VoucherId, values::local_time},
    vouchers::codes::code::{CodeSecret, CodeStep},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::{Client, Reply},
    demo_town::DemoTown,
};
use serde_json::{Value, json};

/// A member whose phone makes its own codes, for any moment.
pub struct Eater {
    pub worker: Client,
    pub voucher: VoucherId,
    device_no: u16,
    secret: CodeSecret,
}

impl Eater {
    pub async fn of(town: &DemoTown, draft: Value) -> (Self, String) {
        let batch = town.running(draft).await.unwrap();
        let (worker, voucher) = town.holder(&batch).await.unwrap();
        let told = worker
            .post(
                &format!("/vouchers/{voucher}/code-secret"),
                json!({ "deviceId": "phone-1" }),
            )
            .await;
        let told = told.expect_status(201).unwrap();
        let device_no = u16::try_from(told.body["deviceNo"].as_u64().unwrap()).unwrap();
        let secret = CodeSecret::parse(told.text("secret").unwrap()).unwrap();
        (
            Self {
                worker,
                voucher: voucher.parse().unwrap(),
                device_no,
                secret,
            },
            batch,
        )
    }

    pub fn code(&self, at: DateTime<Utc>) -> String {
        CodeStep::at(self.voucher, self.device_no, at).payload(&self.secret)
    }

    /// Scanned at `at` by the station's clock, with the code of that moment.
    fn scan(&self, town: &DemoTown, at: DateTime<Utc>) -> Value {
        let mut scan = town.scan_of(&self.code(at));
        scan["scannedAt"] = json!(local_time::rfc3339(at));
        scan
    }
}

/// A window of the day that is hours away from now.
fn another_time_of_day() -> (String, String) {
    let hour = (local_time::time_of(SystemClock.now()).hour() + 6) % 24;
    (format!("{hour:02}:00"), format!("{hour:02}:59"))
}

pub async fn refused(town: &DemoTown, scan: Value, status: u16, code: &str) -> Reply {
    let reply = town
        .staff
        .post_once("/redemptions", scan)
        .await
        .expect_problem(status, code)
        .unwrap();
    let detail = reply.text("detail").unwrap();
    assert!(
        detail
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .count()
            > 5,
        "{code}: {detail}"
    );
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("application/problem+json")
    );
    reply
}
