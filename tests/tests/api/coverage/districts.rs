use niangjia_tests::client::{Client, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    cast::{self, QUFU, RENCHENG},
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
        let auditor = cast::officer(&stranger, "auditor", RENCHENG).await;
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
            "name": "任城新驿站", "district": RENCHENG, "address": "演示路 1 号", "lng": 116.59, "lat": 35.41,
            "services": ["water"],
        });
        vec![
            (
                "/admin/staff-invitations",
                json!({ "role": "cadre", "district": RENCHENG }),
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

#[tokio::test]
async fn another_district_is_out_of_reach() {
    let two = TwoDistricts::gather().await;
    let mut wrong = vec![];
    for (method, path, body) in two.calls() {
        let body = (method == Method::POST || method == Method::PUT).then_some(body);
        let reply = two.qufu.call(method, &path, body, None).await;
        if !is_turned_away(&reply) {
            wrong.push(format!(
                "{} answered {} {}",
                reply.call, reply.status, reply.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn nothing_can_be_made_in_another_district() {
    let two = TwoDistricts::gather().await;
    let mut wrong = vec![];
    for (path, body) in two.plans() {
        let (theirs, own) = (
            two.qufu.post(path, body.clone()).await,
            two.rencheng.post(path, body).await,
        );
        if !is_turned_away(&theirs) || own.status != 201 {
            wrong.push(format!(
                "{path} answered {}, and {} {} at home",
                theirs.body, own.status, own.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The control: each call does its work for the right cadre, in this order.
#[tokio::test]
async fn the_same_calls_work_at_home() {
    let two = TwoDistricts::gather().await;
    for (method, path, body) in two.calls() {
        let body = (method == Method::POST || method == Method::PUT).then_some(body);
        let reply = two.rencheng.call(method, &path, body, None).await;
        let own_batch = reply.status == 409 && reply.code() == "same_person";
        assert!(
            reply.status < 300 || own_batch,
            "{} answered {} {}",
            reply.call,
            reply.status,
            reply.body
        );
    }
}

#[tokio::test]
async fn visits_belong_to_the_district_of_the_van() {
    let two = TwoDistricts::gather().await;
    let member = cast::member(&cast::stranger().await, &two.rencheng).await;
    let booking = make::booking(&member, &two.van.slot).await;
    let ticket = member
        .get(&format!("/checkup-bookings/{booking}"))
        .await
        .expect_status(200)
        .unwrap();
    let scan = json!({ "code": ticket.text("code").unwrap(), "sessionId": two.van.session });
    let theirs = two.qufu.post_once("/checkup-check-ins", scan).await;
    assert!(is_turned_away(&theirs), "{}", theirs.body);
    let theirs = two
        .qufu
        .post(
            &format!("/checkup-bookings/{booking}/completion"),
            json!({}),
        )
        .await;
    assert!(is_turned_away(&theirs), "{}", theirs.body);
}

#[tokio::test]
async fn staff_see_scans_and_settlements_of_their_own_station_only() {
    let staff = cast::demo_staff(&cast::stranger().await).await;
    let own = cast::demo_station(&staff).await;
    let stations = cast::stranger()
        .await
        .get("/stations?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    let mut ids = stations.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|station| station["id"].as_str());
    let other = ids
        .find(|id| *id != own)
        .expect("the demo has more than one station");
    for list in ["redemptions", "settlements"] {
        staff
            .get(&format!("/stations/{own}/{list}"))
            .await
            .expect_status(200)
            .unwrap();
        let theirs = staff.get(&format!("/stations/{other}/{list}")).await;
        assert!(is_turned_away(&theirs), "{}", theirs.body);
    }
}

#[tokio::test]
async fn queues_show_the_own_district_only() {
    let two = TwoDistricts::gather().await;
    for (path, id) in [
        ("/admin/wishes", &two.wish),
        ("/admin/membership-applications", &two.membership),
        ("/admin/voucher-batches", &two.draft),
        ("/admin/settlements", &two.sheet),
        ("/admin/checkup-campaigns", &two.van.campaign),
        ("/admin/stations", &two.station),
        ("/admin/staff-grants", &two.grant),
    ] {
        let (own, theirs) = (
            json!(all_of(&two.rencheng, path).await),
            json!(all_of(&two.qufu, path).await),
        );
        assert!(own.to_string().contains(id), "{path} at home lacks {id}");
        assert!(
            !theirs.to_string().contains(RENCHENG) && !theirs.to_string().contains(id),
            "{path}: {theirs}"
        );
    }
    let audit = all_of(&two.qufu, "/admin/audit-entries").await;
    assert!(
        !json!(audit).to_string().contains(&two.wish),
        "the trail tells about Rencheng"
    );
}

fn get(path: String) -> (Method, String, Value) {
    (Method::GET, path, json!({}))
}

fn post(path: String, body: Value) -> (Method, String, Value) {
    (Method::POST, path, body)
}
