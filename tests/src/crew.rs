//! People of the demo and new ones, signed in to the real binary.

use serde_json::{Value, json};

use crate::{
    client::Client,
    database::Kind,
    people::{self, Invented},
    process::{self, PASSWORD},
};

/// Rencheng, where the demo's cadres work.
pub const DISTRICT: &str = "370811";

/// The doors of one running installation.
#[derive(Debug, Clone)]
pub struct Crew {
    pub stranger: Client,
    pub cadre: Client,
    /// Works at the demo station `dev:staff-1` is bound to.
    pub staff: Client,
}

impl Crew {
    /// Of the installation that this test process shares.
    pub async fn of(kind: Kind) -> Self {
        let stranger = process::shared(kind).await.client();
        let cadre = stranger
            .password("cadre", PASSWORD)
            .await
            .expect("the demo's cadre signs in");
        let staff = stranger
            .wechat("dev:staff-1")
            .await
            .expect("the demo's staff signs in");
        Self {
            stranger,
            cadre,
            staff,
        }
    }

    /// A WeChat account that has done nothing yet.
    pub async fn newcomer(&self) -> Client {
        self.stranger
            .wechat(&format!("dev:{}", people::token()))
            .await
            .expect("anybody signs in")
    }

    /// A rider in the county's holding pool, and the membership's id.
    pub async fn provisional_member(&self) -> (Client, String) {
        let (worker, person) = (self.newcomer().await, Invented::new());
        let body = json!({
            "phoneCode": format!("dev:{}", person.phone), "name": person.name, "idNumber": person.id_number,
            "occupation": "food_delivery_rider", "workDistrict": DISTRICT,
            "consents": consents(&worker).await, "voluntary": true,
        });
        let joined = worker
            .post_once("/memberships", body)
            .await
            .expect_status(201)
            .expect("joined");
        assert_eq!(joined.body["status"], "provisional");
        (worker, joined.id().expect("an id").to_owned())
    }

    /// A rider whom a grass-roots union has accepted.
    pub async fn active_member(&self) -> Client {
        let (worker, membership) = self.provisional_member().await;
        self.cadre
            .decide_on_membership(&membership, json!({ "decision": "accept" }))
            .await
            .expect_status(200)
            .expect("accepted");
        worker
    }
}

async fn consents(client: &Client) -> Vec<Value> {
    let form = client
        .get("/membership-form")
        .await
        .expect_status(200)
        .expect("the form");
    let texts = form.body["consents"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    texts
        .iter()
        .map(|text| json!({ "purpose": text["purpose"], "version": text["version"] }))
        .collect()
}
