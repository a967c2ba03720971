//! The membership API: joining, the queue, cards, consents, reveals, unions; and who may not.

mod areas;
mod joining;
mod reviews;

use niangjia_tests::{
    client::{Client, Reply},
    people::{Invented, token},
    places::DISTRICT,
    servers::{
        database::Kind,
        process::{PASSWORD, shared},
    },
};
use serde_json::{Value, json};

struct Scene {
    worker: Client,
    cadre: Client,
    admin: Client,
    stranger: Client,
}

impl Scene {
    async fn new(kind: Kind) -> Self {
        let stranger = shared(kind).await.client();
        Self {
            worker: stranger.wechat(&format!("dev:{}", token())).await.unwrap(),
            cadre: stranger.password("cadre", PASSWORD).await.unwrap(),
            admin: stranger.password("admin", PASSWORD).await.unwrap(),
            stranger,
        }
    }

    async fn another_worker(&self) -> Client {
        self.stranger
            .wechat(&format!("dev:{}", token()))
            .await
            .unwrap()
    }

    /// A cadre of another district, invited by the admin.
    async fn cadre_of(&self, district: &str) -> Client {
        let invitation = self.admin.post(
            "/admin/staff-invitations",
            json!({ "role": "cadre", "district": district }),
        );
        let invitation = invitation.await.expect_status(201).unwrap();
        let cadre = self.another_worker().await;
        let code = json!({ "invitationCode": invitation.text("invitationCode").unwrap() });
        cadre
            .post("/auth/staff-bindings", code)
            .await
            .expect_status(201)
            .unwrap();
        cadre
    }
}

fn one_tap(phone: &str) -> Value {
    json!({
        "phoneCode": format!("dev:{phone}"),
        "consents": [{ "purpose": "membership", "version": "1" }],
        "voluntary": true,
    })
}

fn three_fields(person: &Invented) -> Value {
    let mut body = one_tap(&person.phone);
    body["name"] = json!(person.name);
    body["idNumber"] = json!(person.id_number);
    body["occupation"] = json!("food_delivery_rider");
    body["workDistrict"] = json!(DISTRICT);
    body
}

async fn joined(client: &Client, person: &Invented) -> Reply {
    client
        .post_once("/memberships", three_fields(person))
        .await
        .expect_status(201)
        .unwrap()
}

fn broken_fields(reply: &Reply) -> Vec<&str> {
    let errors = reply.body["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect()
}
