//! A town at work, over HTTP: the demo's cadres and station staff, and whatever they make for tests
//! and for the tour.

use chrono::{NaiveTime, TimeDelta};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply, Surprise},
    people::{self, Invented},
};

/// Rencheng, where the demo's cadres work.
pub const DISTRICT: &str = "370811";

/// The demo's people on duty.
#[derive(Debug, Clone)]
pub struct Town {
    pub stranger: Client,
    pub staff: Client,
    pub cadre: Client,
    pub checker: Client,
    /// The station that `staff` is bound to.
    pub station: String,
}

impl Town {
    /// `password` is the back office's.
    pub async fn enter(base: &str, password: &str) -> Result<Self, Surprise> {
        let stranger = Client::new(base);
        let staff = stranger.wechat("dev:staff-1").await?;
        let station = staffed_station(&staff).await?;
        let cadre = stranger.password("cadre", password).await?;
        let checker = stranger.password("checker", password).await?;
        Ok(Self {
            stranger,
            staff,
            cadre,
            checker,
            station,
        })
    }

    /// The same people at another process.
    pub fn at(&self, base: &str) -> Self {
        let there = |client: &Client| client.at(base);
        Self {
            stranger: there(&self.stranger),
            staff: there(&self.staff),
            cadre: there(&self.cadre),
            checker: there(&self.checker),
            station: self.station.clone(),
        }
    }

    /// Somebody who has not been here before.
    pub async fn newcomer(&self) -> Result<Client, Surprise> {
        self.stranger
            .wechat(&format!("dev:newcomer-{}", people::token()))
            .await
    }

    /// Fills in the three fields.
    pub async fn apply(&self, worker: &Client, person: &Invented) -> Result<Reply, Surprise> {
        Ok(worker
            .post_once(
                "/memberships",
                application(&consents(worker).await?, person),
            )
            .await)
    }

    /// A cadre's decision makes an applicant active.
    pub async fn accept(&self, membership: &str) -> Result<(), Surprise> {
        self.cadre
            .decide_on_membership(membership, json!({ "decision": "accept" }))
            .await
            .expect_status(200)?;
        Ok(())
    }

    /// A newcomer whom a union has accepted.
    pub async fn member(&self) -> Result<Client, Surprise> {
        let worker = self.newcomer().await?;
        let joined = self
            .apply(&worker, &Invented::new())
            .await?
            .expect_status(201)?;
        self.accept(joined.id()?).await?;
        Ok(worker)
    }

    /// A batch of `quota` vouchers of ¥15, one a person, good at any hour; submitted, not yet
    /// approved.
    pub async fn submitted_batch(&self, quota: i64) -> Result<String, Surprise> {
        self.submitted_batch_for(quota, "全天").await
    }

    async fn submitted_batch_for(&self, quota: i64, meal: &str) -> Result<String, Surprise> {
        let now = SystemClock.now();
        let body = json!({
            "name": "测试午餐券", "district": DISTRICT, "faceValueFen": 1_500, "quota": quota,
            "budgetFen": 1_500 * quota, "perPersonLimit": 1,
            "meals": [{ "name": meal, "from": "00:00", "to": "24:00" }],
            "validFrom": local_time::rfc3339(now - TimeDelta::hours(1)),
            "validTo": local_time::rfc3339(now + TimeDelta::days(30)),
            "stationIds": [self.station],
            "eligibility": { "standings": ["provisional", "active"], "occupations": [], "districts": [] },
            "distribution": "first_come",
        });
        let batch = self
            .cadre
            .post("/admin/voucher-batches", body)
            .await
            .expect_status(201)?;
        let id = batch.id()?.to_owned();
        self.cadre
            .post(
                &format!("/admin/voucher-batches/{id}/submission"),
                json!({}),
            )
            .await
            .expect_status(200)?;
        Ok(id)
    }

    /// A batch that vouchers can be claimed from.
    pub async fn running_batch(&self, quota: i64) -> Result<String, Surprise> {
        self.running_batch_for(quota, "全天").await
    }

    /// The same for one meal; batches whose meals have the same name share the limit of one a day.
    pub async fn running_batch_for(&self, quota: i64, meal: &str) -> Result<String, Surprise> {
        let id = self.submitted_batch_for(quota, meal).await?;
        let path = format!("/admin/voucher-batches/{id}/decisions");
        self.checker
            .post(&path, json!({ "decision": "approve" }))
            .await
            .expect_status(200)?;
        Ok(id)
    }

    /// A wish of `worker` in the cadres' queue.
    pub async fn submitted_wish(
        &self,
        worker: &Client,
        photos: &[String],
    ) -> Result<Reply, Surprise> {
        let body = json!({
            "title": "想要一个保温杯", "story": "冬天跑单想喝口热水。", "category": "daily_goods",
            "estimateFen": 8_800, "photoIds": photos, "stationId": self.station,
        });
        worker.post_once("/wishes", body).await.expect_status(201)
    }

    pub async fn publish(&self, wish: &str) -> Result<(), Surprise> {
        self.cadre
            .decide_on_wish(wish, json!({ "decision": "publish" }))
            .await
            .expect_status(200)?;
        Ok(())
    }

    /// A van that stands here all day today; its session and its one slot.
    pub async fn open_session(&self, capacity: u32) -> Result<(String, String), Surprise> {
        let today = local_time::date_of(SystemClock.now());
        let campaign = json!({ "name": "测试体检", "district": DISTRICT, "from": today, "to": today + TimeDelta::days(30) });
        let campaign = self
            .cadre
            .post("/admin/checkup-campaigns", campaign)
            .await
            .expect_status(201)?;
        let end = local_time::instant_of(
            today,
            NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default(),
        );
        let start = local_time::rfc3339(local_time::start_of(today));
        let session = json!({
            "campaignId": campaign.id()?, "place": "演示广场", "lng": 116.59, "lat": 35.41, "district": DISTRICT,
            "date": today, "vehicle": "鲁H·演示", "packages": ["basic"],
            "slots": [{ "start": start, "end": local_time::rfc3339(end), "capacity": capacity }],
        });
        let session = self
            .cadre
            .post("/admin/checkup-sessions", session)
            .await
            .expect_status(201)?;
        let id = session.id()?.to_owned();
        let seen = self
            .stranger
            .get(&format!("/checkup-sessions/{id}"))
            .await
            .expect_status(200)?;
        Ok((
            id,
            seen.body["slots"][0]["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        ))
    }
}

/// The consents that the form asks for.
pub async fn consents(client: &Client) -> Result<Vec<Value>, Surprise> {
    let form = client.get("/membership-form").await.expect_status(200)?;
    let texts = form.body["consents"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    Ok(texts
        .iter()
        .map(|text| json!({ "purpose": text["purpose"], "version": text["version"] }))
        .collect())
}

/// What somebody on no list sends.
pub fn application(consents: &[Value], person: &Invented) -> Value {
    json!({
        "phoneCode": format!("dev:{}", person.phone), "name": person.name, "idNumber": person.id_number,
        "occupation": "food_delivery_rider", "workDistrict": DISTRICT, "consents": consents, "voluntary": true,
    })
}

async fn staffed_station(staff: &Client) -> Result<String, Surprise> {
    let me = staff.get("/me").await.expect_status(200)?;
    let scopes = me.body["scopes"].as_array().cloned().unwrap_or_default();
    let own = scopes.iter().find(|scope| scope["role"] == "station_staff");
    own.and_then(|scope| scope["id"].as_str())
        .map(str::to_owned)
        .ok_or_else(|| {
            Surprise("dev:staff-1 is bound to no station; was the demo seeded?".to_owned())
        })
}
