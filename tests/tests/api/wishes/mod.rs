//! The wishes API: the whole way over HTTP, what strangers see, and every refusal with its status
//! and code.

mod refusals;
mod wall;
mod way;

use niangjia_domain::kernel::Actor;
use niangjia_tests::{
    client::{Client, Reply},
    places::DISTRICT,
    servers::database::Kind,
    town::{Town, wish_server::WishServer},
};
use serde_json::{Value, json};

/// A town with everybody signed in.
struct Stage {
    town: Town,
    server: WishServer,
    somebody: Actor,
    worker: Client,
    donor: Client,
    staff: Client,
    cadre: Client,
}

impl Stage {
    async fn new(kind: Kind) -> Self {
        let town = Town::new(kind).await;
        let server = WishServer::start(&town);
        let somebody = town.worker().await;
        Self {
            worker: server.signed_in(&somebody),
            donor: server.signed_in(&town.donor().await),
            staff: server.signed_in(&town.another_staff().await),
            cadre: server.signed_in(&town.cadre(DISTRICT)),
            somebody,
            server,
            town,
        }
    }

    async fn new_wish(&self) -> Value {
        let photo = self.town.photo(&self.somebody).await;
        json!({
            "title": "想要一个保温杯", "story": "冬天跑单想喝口热水。", "category": "daily_goods",
            "estimateFen": 8_800, "photoIds": [photo], "stationId": self.town.station.id,
        })
    }

    async fn published(&self) -> String {
        let wish = self
            .worker
            .post_once("/wishes", self.new_wish().await)
            .await
            .expect_status(201)
            .unwrap();
        let id = wish.id().unwrap().to_owned();
        self.decide(&id, json!({ "decision": "publish" }))
            .await
            .expect_status(200)
            .unwrap();
        id
    }

    async fn decide(&self, id: &str, decision: Value) -> Reply {
        self.cadre.decide_on_wish(id, decision).await
    }

    async fn claimed(&self, wish: &str) -> Value {
        let path = format!("/wishes/{wish}/claims");
        self.donor
            .post_once(&path, json!({ "anonymous": true }))
            .await
            .expect_status(201)
            .unwrap()
            .body
    }
}

fn has_no_one(body: &Value) {
    let text = body.to_string();
    for secret in [
        "account",
        "person",
        "phone",
        "donor",
        "address",
        "acct_",
        "pers_",
        "演示路",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
