//! Two districts, and what waits in one of them.

mod reach;

use niangjia_tests::{
    client::{Client, Reply},
    places::{DISTRICT, QUFU},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::coverage::{
    cast::{self},
    make::{self, Van},
};

/// A cadre of Qufu, the demo's cadre of Rencheng, and what waits in Rencheng.
struct TwoDistricts {
    qufu: Client,
    rencheng: Client,
    station: String,
    wish: String,
    membership: String,
    person: String,
    draft: String,
    running: String,
    granted: String,
    van: Van,
    grant: String,
    scanner: String,
    sheet: String,
}

impl TwoDistricts {
    async fn gather() -> Self {
        let stranger = cast::stranger().await;
        let (rencheng, checker) = (
            cast::desk(&stranger, "cadre").await,
            cast::desk(&stranger, "checker").await,
        );
        let station = cast::demo_station(&cast::demo_staff(&stranger).await).await;
        let (_, membership) = cast::applicant(&stranger).await;
        let worker = cast::member(&stranger, &rencheng).await;
        let auditor = cast::officer(&stranger, "auditor", DISTRICT).await;
        Self {
            qufu: cast::officer(&stranger, "cadre", QUFU).await,
            wish: make::wish(&worker, &station).await,
            person: person_of(&rencheng, &membership).await,
            draft: make::draft(&rencheng, &station).await,
            running: make::running_batch(&rencheng, &checker, &station).await,
            granted: make::grant_batch(&rencheng, &checker, &station).await,
            van: make::van(&rencheng).await,
            grant: grant_of(&rencheng, &auditor).await,
            scanner: make::scanner(&cast::demo_staff(&stranger).await, &station).await,
            sheet: make::settlement(&rencheng, &station).await,
            membership,
            rencheng,
            station,
        }
    }

    /// What a cadre of Rencheng could do there, one after the other.
    fn calls(&self) -> Vec<(Method, String, Value)> {
        let parts = [self.decisions(), self.batches(), self.places()];
        parts.into_iter().flatten().collect()
    }

    fn decisions(&self) -> Vec<(Method, String, Value)> {
        // Neither has changed since it was made.
        let review = |decision: &str| json!({ "decision": decision, "revision": 1 });
        let reveal = json!({ "fields": ["name", "idNumber"], "reason": "核对入会申请" });
        vec![
            post(
                format!("/admin/wishes/{}/decisions", self.wish),
                review("publish"),
            ),
            post(
                format!("/admin/memberships/{}/decisions", self.membership),
                review("accept"),
            ),
            post(format!("/admin/persons/{}/reveals", self.person), reveal),
        ]
    }

    fn batches(&self) -> Vec<(Method, String, Value)> {
        let nothing = || json!({});
        let batch = |id: &str| format!("/admin/voucher-batches/{id}");
        let (draft, running) = (batch(&self.draft), batch(&self.running));
        let granted = batch(&self.granted);
        let approve = json!({ "decision": "approve" });
        let quota = json!({ "current": 10, "target": 20 });
        let budget = json!({ "current": 15_000, "target": 30_000 });
        let recall = json!({ "all": true, "reason": "批次作废" });
        vec![
            get(draft.clone()),
            get(format!("{running}/conservation")),
            (Method::PUT, draft.clone(), make::batch_form(&self.station)),
            post(format!("{draft}/submission"), nothing()),
            post(format!("{draft}/decisions"), approve),
            post(format!("{running}/pause"), nothing()),
            post(format!("{running}/resume"), nothing()),
            (Method::PUT, format!("{running}/quota"), quota),
            (Method::PUT, format!("{running}/budget"), budget),
            post(format!("{granted}/stop"), nothing()),
            post(format!("{granted}/recalls"), recall),
            post(format!("{running}/stop"), nothing()),
            post(format!("{running}/closure"), nothing()),
            get(format!("{granted}/allotment")),
            get(format!("{running}/recalls")),
        ]
    }

    fn places(&self) -> Vec<(Method, String, Value)> {
        let attendance = format!("/admin/checkup-sessions/{}/attendance", self.van.session);
        let grant = format!("/admin/staff-grants/{}", self.grant);
        let sheet = format!("/admin/settlements/{}", self.sheet);
        vec![
            get(attendance),
            (Method::DELETE, grant, json!({})),
            get(format!("/stations/{}/devices", self.station)),
            post(
                format!("/station-devices/{}/revocation", self.scanner),
                json!({ "reason": "手机丢失" }),
            ),
            get(sheet.clone()),
            get(format!("{sheet}/lines")),
            post(
                format!("{sheet}/cancellation"),
                json!({ "reason": "日期有误" }),
            ),
        ]
    }

    /// What a cadre of Rencheng could make there.
    fn plans(&self) -> Vec<(&'static str, Value)> {
        let station = json!({
            "name": "任城新驿站", "district": DISTRICT, "address": "演示路 1 号", "lng": 116.59, "lat": 35.41,
            "services": ["water"],
        });
        vec![
            (
                "/admin/staff-invitations",
                json!({ "role": "cadre", "district": DISTRICT }),
            ),
            (
                "/admin/staff-invitations",
                json!({ "role": "station_staff", "stationId": self.station }),
            ),
            ("/admin/stations", station),
            ("/admin/voucher-batches", make::batch_form(&self.station)),
            ("/admin/settlements", make::settlement_form(&self.station)),
            ("/admin/checkup-campaigns", make::campaign_form()),
            (
                "/admin/checkup-sessions",
                make::session_form(&self.van.campaign),
            ),
        ]
    }
}

async fn person_of(cadre: &Client, membership: &str) -> String {
    let queue = all_of(cadre, "/admin/membership-applications").await;
    let line = queue
        .iter()
        .find(|line| line["id"] == membership)
        .expect("the application waits");
    line["personId"].as_str().unwrap().to_owned()
}

async fn grant_of(cadre: &Client, officer: &Client) -> String {
    let account = officer.get("/me").await.expect_status(200).unwrap().body["id"].clone();
    let grants = all_of(cadre, "/admin/staff-grants").await;
    let grant = grants
        .iter()
        .find(|grant| grant["accountId"] == account)
        .expect("the office is listed");
    grant["id"].as_str().unwrap().to_owned()
}

/// All items of a list.
async fn all_of(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut query) = (vec![], "?limit=100".to_owned());
    loop {
        let page = client
            .get(&format!("{path}{query}"))
            .await
            .expect_status(200)
            .unwrap();
        items.extend(page.body["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page.body["nextCursor"].as_str() else {
            return items;
        };
        query = format!("?limit=100&cursor={cursor}");
    }
}

fn is_turned_away(reply: &Reply) -> bool {
    matches!(
        (reply.status, reply.code()),
        (403, "forbidden") | (404, "not_found")
    )
}

fn get(path: String) -> (Method, String, Value) {
    (Method::GET, path, json!({}))
}

fn post(path: String, body: Value) -> (Method, String, Value) {
    (Method::POST, path, body)
}
