//! Health checks: campaigns and vans.

use chrono::{NaiveTime, TimeDelta};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use serde_json::json;

use super::DemoTown;
use crate::{client::Surprise, places::DISTRICT};

impl DemoTown {
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
