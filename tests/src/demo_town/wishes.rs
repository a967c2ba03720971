//! Wishes on their way to the wall.

use serde_json::json;

use super::DemoTown;
use crate::client::{Client, Reply, Surprise};

impl DemoTown {
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
        let publish = json!({ "decision": "publish" });
        let decided = self.cadre.decide_on_wish(wish, publish).await;
        decided.expect_status(200)?;
        Ok(())
    }
}
