//! Meal vouchers over HTTP against the demo's people: members who have just joined, batches that
//! run, scans.

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply},
    people::{self, Invented},
    process::PASSWORD,
};

/// Who issues, eats and scans.
#[derive(Debug, Clone)]
pub struct Lunch {
    pub stranger: Client,
    pub cadre: Client,
    pub checker: Client,
    pub staff: Client,
    /// The demo station that `staff` is bound to.
    pub station: String,
}

impl Lunch {
    pub async fn at(base: &str) -> Self {
        let stranger = Client::new(base);
        let staff = stranger.wechat("dev:staff-1").await.unwrap();
        let me = staff.get("/me").await.expect_status(200).unwrap();
        let scopes = me.body["scopes"].as_array().unwrap();
        let own = scopes
            .iter()
            .find(|scope| scope["role"] == "station_staff")
            .unwrap();
        let station = own["id"].as_str().unwrap().to_owned();
        let cadre = stranger.password("cadre", PASSWORD).await.unwrap();
        let checker = stranger.password("checker", PASSWORD).await.unwrap();
        Self {
            stranger,
            cadre,
            checker,
            staff,
            station,
        }
    }

    /// Somebody new who has just joined the union.
    pub async fn member(&self) -> Client {
        self.member_who_is("food_delivery_rider").await
    }

    pub async fn member_who_is(&self, occupation: &str) -> Client {
        let worker = self
            .stranger
            .wechat(&format!("dev:eater-{}", people::token()))
            .await
            .unwrap();
        let form = worker
            .get("/membership-form")
            .await
            .expect_status(200)
            .unwrap();
        let consents: Vec<_> = form.body["consents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| json!({ "purpose": text["purpose"], "version": text["version"] }))
            .collect();
        let person = Invented::new();
        let body = json!({
            "phoneCode": format!("dev:{}", person.phone), "name": person.name, "idNumber": person.id_number,
            "occupation": occupation, "workDistrict": "370811", "consents": consents, "voluntary": true,
        });
        worker
            .post_once("/memberships", body)
            .await
            .expect_status(201)
            .unwrap();
        worker
    }

    /// A draft's words: ten vouchers of ¥15, one a person, at any hour.
    pub fn draft(&self) -> Value {
        let now = SystemClock.now();
        json!({
            "name": "接口午餐券", "district": "370811", "faceValueFen": 1_500, "quota": 10, "budgetFen": 15_000,
            "perPersonLimit": 1, "meals": [{ "name": format!("餐{}", people::token()), "from": "00:00", "to": "24:00" }],
            "validFrom": rfc3339(now - TimeDelta::hours(1)), "validTo": rfc3339(now + TimeDelta::days(7)),
            "stationIds": [self.station],
            "eligibility": { "standings": [], "occupations": [], "districts": [] }, "distribution": "first_come",
        })
    }

    /// Drafted, submitted, approved; returns its id.
    pub async fn running(&self, draft: Value) -> String {
        let batch = self
            .cadre
            .post("/admin/voucher-batches", draft)
            .await
            .expect_status(201)
            .unwrap();
        let id = batch.id().unwrap().to_owned();
        let path = format!("/admin/voucher-batches/{id}");
        self.cadre
            .post(&format!("{path}/submission"), json!({}))
            .await
            .expect_status(200)
            .unwrap();
        let approve = json!({ "decision": "approve" });
        self.checker
            .post(&format!("{path}/decisions"), approve)
            .await
            .expect_status(200)
            .unwrap();
        id
    }

    pub async fn claim(&self, worker: &Client, batch: &str) -> Reply {
        worker
            .post_once(&format!("/voucher-batches/{batch}/claims"), json!({}))
            .await
    }

    /// A new member with a voucher of the batch.
    pub async fn holder(&self, batch: &str) -> (Client, String) {
        let worker = self.member().await;
        let voucher = self.claim(&worker, batch).await.expect_status(201).unwrap();
        (worker, voucher.id().unwrap().to_owned())
    }

    pub async fn code(&self, worker: &Client, voucher: &str) -> Reply {
        worker
            .get(&format!("/vouchers/{voucher}/code"))
            .await
            .expect_status(200)
            .unwrap()
    }

    pub fn scan_of(&self, code: &str) -> Value {
        json!({ "code": code, "stationId": self.station, "deviceId": "scanner-1" })
    }

    /// The conservation equations, after checking that they hold.
    pub async fn balanced(&self, batch: &str) -> Value {
        let path = format!("/admin/voucher-batches/{batch}/conservation");
        let tally = self
            .checker
            .get(&path)
            .await
            .expect_status(200)
            .unwrap()
            .body;
        assert_eq!(tally["balanced"], true, "{tally}");
        tally
    }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    local_time::rfc3339(instant)
}
