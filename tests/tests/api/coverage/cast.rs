//! Who calls: the demo's officers, and WeChat accounts that nobody has seen before.

use std::collections::BTreeMap;

use niangjia_tests::{
    client::Client,
    people::{self, Invented},
    places::DISTRICT,
    servers::{
        database::Kind,
        process::{PASSWORD, shared},
    },
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

pub async fn stranger() -> Client {
    shared(Kind::Sqlite).await.client()
}

/// A new WeChat account.
pub async fn newcomer(stranger: &Client) -> Client {
    stranger
        .wechat(&format!("dev:coverage-{}", people::token()))
        .await
        .unwrap()
}

/// Sign-ins are rationed, so every account signs in once.
static TOKENS: Mutex<BTreeMap<String, String>> = Mutex::const_new(BTreeMap::new());

/// A back-office account of the demo.
pub async fn desk(stranger: &Client, username: &str) -> Client {
    let mut tokens = TOKENS.lock().await;
    if let Some(token) = tokens.get(username) {
        return stranger.with_token(token);
    }
    let client = stranger.password(username, PASSWORD).await.unwrap();
    tokens.insert(username.to_owned(), client.token().unwrap().to_owned());
    client
}

/// The WeChat account behind a code.
pub async fn known(stranger: &Client, code: &str) -> Client {
    let mut tokens = TOKENS.lock().await;
    if let Some(token) = tokens.get(code) {
        return stranger.with_token(token);
    }
    let client = stranger.wechat(code).await.unwrap();
    tokens.insert(code.to_owned(), client.token().unwrap().to_owned());
    client
}

pub async fn demo_staff(stranger: &Client) -> Client {
    known(stranger, "dev:staff-1").await
}

/// The demo station at which `dev:staff-1` works.
pub async fn demo_station(staff: &Client) -> String {
    let me = staff.get("/me").await.expect_status(200).unwrap();
    me.body["scopes"][0]["id"].as_str().unwrap().to_owned()
}

/// A new WeChat account with an office in a district.
pub async fn officer(stranger: &Client, role: &str, district: &str) -> Client {
    let admin = desk(stranger, "admin").await;
    let invitation = admin
        .post(
            "/admin/staff-invitations",
            json!({ "role": role, "district": district }),
        )
        .await;
    let invitation = invitation.expect_status(201).unwrap();
    let officer = newcomer(stranger).await;
    let body = json!({ "invitationCode": invitation.text("invitationCode").unwrap() });
    officer
        .post("/auth/staff-bindings", body)
        .await
        .expect_status(201)
        .unwrap();
    officer
}

/// A new applicant in Rencheng, and the membership that waits for a decision.
pub async fn applicant(stranger: &Client) -> (Client, String) {
    let applicant = newcomer(stranger).await;
    let joined = applicant
        .post_once("/memberships", application(&applicant).await)
        .await;
    let id = joined.expect_status(201).unwrap().id().unwrap().to_owned();
    (applicant, id)
}

/// A new active member in Rencheng.
pub async fn member(stranger: &Client, cadre: &Client) -> Client {
    let (member, id) = applicant(stranger).await;
    cadre
        .decide_on_membership(&id, json!({ "decision": "accept" }))
        .await
        .expect_status(200)
        .unwrap();
    member
}

async fn application(client: &Client) -> Value {
    let form = client
        .get("/membership-form")
        .await
        .expect_status(200)
        .unwrap();
    let texts = form.body["consents"].as_array().unwrap().iter();
    let consents: Vec<_> = texts
        .map(|text| json!({ "purpose": text["purpose"], "version": text["version"] }))
        .collect();
    let person = Invented::new();
    json!({
        "phoneCode": format!("dev:{}", person.phone), "name": person.name, "idNumber": person.id_number,
        "occupation": "food_delivery_rider", "workDistrict": DISTRICT, "consents": consents, "voluntary": true,
    })
}
