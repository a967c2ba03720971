//! Meal vouchers: batches by maker and checker, holders, codes, scans.

use chrono::TimeDelta;
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use serde_json::{Value, json};

use super::DemoTown;
use crate::{
    client::{Client, Reply, Surprise},
    people,
    places::DISTRICT,
};

impl DemoTown {
    /// A draft's words: ten vouchers of ¥15, one a person, at any hour, for a meal that nobody has
    /// had yet (one meal a day is a person's limit, whatever the batch).
    pub fn draft(&self) -> Value {
        let now = SystemClock.now();
        json!({
            "name": "接口午餐券", "district": DISTRICT, "faceValueFen": 1_500, "quota": 10, "budgetFen": 15_000,
            "perPersonLimit": 1, "meals": [{ "name": format!("餐{}", people::token()), "from": "00:00", "to": "24:00" }],
            "validFrom": local_time::rfc3339(now - TimeDelta::hours(1)),
            "validTo": local_time::rfc3339(now + TimeDelta::days(7)),
            "stationIds": [self.station],
            "eligibility": { "standings": [], "occupations": [], "districts": [] }, "distribution": "first_come",
        })
    }

    /// Drafted and submitted, not yet approved; returns its id.
    pub async fn submitted(&self, draft: Value) -> Result<String, Surprise> {
        let batch = self.cadre.post("/admin/voucher-batches", draft).await;
        let id = batch.expect_status(201)?.id()?.to_owned();
        let path = format!("/admin/voucher-batches/{id}/submission");
        self.cadre.post(&path, json!({})).await.expect_status(200)?;
        Ok(id)
    }

    /// Approved as well: vouchers can be claimed from it.
    pub async fn running(&self, draft: Value) -> Result<String, Surprise> {
        let id = self.submitted(draft).await?;
        let path = format!("/admin/voucher-batches/{id}/decisions");
        let approve = json!({ "decision": "approve" });
        self.checker.post(&path, approve).await.expect_status(200)?;
        Ok(id)
    }

    /// A draft of `quota` vouchers, with the money for them.
    pub fn draft_of(&self, quota: i64) -> Value {
        let mut draft = self.draft();
        draft["quota"] = quota.into();
        draft["budgetFen"] = (1_500 * quota).into();
        draft
    }

    /// A running batch of `quota` vouchers.
    pub async fn running_batch(&self, quota: i64) -> Result<String, Surprise> {
        self.running(self.draft_of(quota)).await
    }

    pub async fn claim(&self, worker: &Client, batch: &str) -> Reply {
        let path = format!("/voucher-batches/{batch}/claims");
        worker.post_once(&path, json!({})).await
    }

    /// A new member with a voucher of the batch.
    pub async fn holder(&self, batch: &str) -> Result<(Client, String), Surprise> {
        let (worker, _) = self.provisional_member().await?;
        let voucher = self.claim(&worker, batch).await.expect_status(201)?;
        Ok((worker, voucher.id()?.to_owned()))
    }

    pub async fn code(&self, worker: &Client, voucher: &str) -> Result<Reply, Surprise> {
        let path = format!("/vouchers/{voucher}/code");
        worker.get(&path).await.expect_status(200)
    }

    pub fn scan_of(&self, code: &str) -> Value {
        json!({ "code": code, "stationId": self.station, "deviceId": "scanner-1" })
    }

    /// The conservation equations, after checking that they hold.
    pub async fn balanced(&self, batch: &str) -> Result<Value, Surprise> {
        let path = format!("/admin/voucher-batches/{batch}/conservation");
        let tally = self.checker.get(&path).await.expect_status(200)?.body;
        if tally["balanced"] == true {
            Ok(tally)
        } else {
            Err(Surprise(format!("{batch} does not balance: {tally}")))
        }
    }
}
