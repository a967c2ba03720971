//! The membership API: joining, the queue, cards, consents, reveals, unions; and who may not.

use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    database::Kind,
    people::{Invented, token},
    process::{PASSWORD, shared},
};
use rstest::rstest;
use serde_json::{Value, json};

const RENCHENG: &str = "370811";

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
    body["workDistrict"] = json!(RENCHENG);
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

#[rstest]
#[tokio::test]
async fn three_fields_lead_through_the_pool_to_an_active_membership(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let person = Invented::new();
    let joined = joined(&scene.worker, &person).await;
    assert_eq!(joined.header("location"), Some("/api/v1/me/membership"));
    assert_eq!(
        (
            joined.body["status"].as_str(),
            joined.body["routing"]["rule"].as_str()
        ),
        (Some("provisional"), Some("holding_pool"))
    );
    assert!(
        joined.body["routing"]["alternatives"].is_array()
            && joined.text("dueAt").unwrap().ends_with("+08:00")
    );
    let number = joined.text("memberNo").unwrap();

    let path = "/admin/membership-applications?limit=100";
    let queue = scene.cadre.get(path).await.expect_status(200).unwrap();
    let items = queue.body["items"].as_array().unwrap();
    assert!(items.iter().any(|item| item["id"] == joined.body["id"]));
    for secret in [&person.id_number, &person.phone, &person.name] {
        assert!(
            !queue.body.to_string().contains(secret.as_str()),
            "the queue is masked"
        );
        assert!(
            !joined.body.to_string().contains(secret.as_str()),
            "the answer echoes nothing"
        );
    }
    let past = scene
        .cadre
        .get(&format!("{path}&dueBefore=2020-01-01T00:00:00%2B08:00"))
        .await;
    assert_eq!(past.body["items"], json!([]));

    let id = joined.id().unwrap();
    let accepted = scene
        .cadre
        .decide_on_membership(id, json!({ "decision": "accept" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            accepted.text("status").unwrap(),
            accepted.text("memberNo").unwrap()
        ),
        ("active", number)
    );
    let decide = format!("/admin/memberships/{id}/decisions");
    let list = "/admin/membership-applications?status=active";
    let revision = scene.cadre.revision(list, id).await;
    for (seen, code) in [
        (revision - 1, "changed_meanwhile"),
        (revision, "membership_state_conflict"),
    ] {
        let accept = json!({ "decision": "accept", "revision": seen });
        let again = scene.cadre.post(&decide, accept).await;
        again.expect_problem(409, code).unwrap();
    }

    let card = scene
        .worker
        .get("/me/membership/card")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (card.text("memberNo").unwrap(), card.header("cache-control")),
        (number, Some("no-store"))
    );
    let staff = scene.stranger.wechat("dev:staff-1").await.unwrap();
    let code = json!({ "code": card.text("code").unwrap() });
    let check = staff
        .post("/membership-card-checks", code.clone())
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(check.text("status").unwrap(), "active");
    scene
        .worker
        .post("/me/membership/withdrawal", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    staff
        .post("/membership-card-checks", code)
        .await
        .expect_problem(422, "card_refused")
        .unwrap();
    scene
        .worker
        .get("/me/membership/card")
        .await
        .expect_problem(404, "no_membership")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_roster_makes_joining_one_tap(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let phone = json!({ "phoneCode": "dev:13900000090" });
    scene
        .worker
        .put("/me/phone", phone)
        .await
        .expect_status(200)
        .unwrap();
    let form = scene
        .worker
        .get("/membership-form")
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        form.body["prefilled"]["nameMasked"]
            .as_str()
            .unwrap()
            .ends_with("**")
    );
    assert!(
        form.body["prefilled"]["idNumberMasked"]
            .as_str()
            .unwrap()
            .starts_with("379****")
    );
    let joined = scene
        .worker
        .post_once("/memberships", one_tap("13900000090"))
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (
            joined.text("status").unwrap(),
            joined.body["routing"]["rule"].as_str()
        ),
        ("active", Some("roster"))
    );
    assert_eq!(joined.body.get("dueAt"), None);

    let other = scene.another_worker().await;
    let refused = other
        .post_once("/memberships", one_tap("13900000090"))
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(broken_fields(&refused), ["name", "idNumber", "occupation"]);
}

#[rstest]
#[tokio::test]
async fn a_repeated_tap_gets_the_first_answer(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let (person, key) = (Invented::new(), fresh_key());
    let body = three_fields(&person);
    let first = scene
        .worker
        .post_with_key("/memberships", body.clone(), &key)
        .await
        .expect_status(201)
        .unwrap();
    let second = scene
        .worker
        .post_with_key("/memberships", body.clone(), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (&first.body, second.header("idempotency-replayed")),
        (&second.body, Some("true"))
    );
    let other = three_fields(&Invented::new());
    let reused = scene
        .worker
        .post_with_key("/memberships", other, &key)
        .await;
    reused
        .expect_problem(422, "idempotency_key_reused")
        .unwrap();
    scene
        .worker
        .post("/memberships", body.clone())
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    scene
        .worker
        .post_once("/memberships", body.clone())
        .await
        .expect_problem(409, "already_member")
        .unwrap();
    let elsewhere = scene.another_worker().await;
    elsewhere
        .post_once("/memberships", body)
        .await
        .expect_problem(409, "already_member")
        .unwrap();
}

#[rstest]
#[case::checksum("idNumber", json!("110105194912310021"), "idNumber")]
#[case::no_such_day("idNumber", json!("11010519490230002X"), "idNumber")]
#[case::fifteen_digits("idNumber", json!("110105491231002"), "idNumber")]
#[case::a_name_with_zero_width("name", json!("张\u{200b}三"), "name")]
#[case::occupation("occupation", json!("astronaut"), "occupation")]
#[case::district("workDistrict", json!("110101"), "workDistrict")]
#[case::not_a_district("workDistrict", json!("../etc"), "workDistrict")]
#[case::not_voluntary("voluntary", json!(false), "voluntary")]
#[case::no_consent("consents", json!([]), "consents")]
#[case::old_consent("consents", json!([{ "purpose": "membership", "version": "0" }]), "consents[0].version")]
#[case::refused_by_wechat("phoneCode", json!("made up"), "phoneCode")]
#[case::off_the_globe("location", json!({ "lng": 400.0, "lat": 0.0 }), "location")]
#[case::unknown("points", json!(1), "points")]
#[tokio::test]
async fn each_broken_field_is_named(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] member: &str,
    #[case] value: Value,
    #[case] field: &str,
) {
    let scene = Scene::new(kind).await;
    let mut body = three_fields(&Invented::new());
    body[member] = value;
    let refused = scene
        .worker
        .post_once("/memberships", body)
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(broken_fields(&refused), [field]);
}

#[rstest]
#[tokio::test]
async fn a_returned_application_is_mended_and_a_rejected_one_started_anew(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let person = Invented::new();
    let first = joined(&scene.worker, &person).await;
    let id = first.id().unwrap();
    let silent = scene
        .cadre
        .decide_on_membership(id, json!({ "decision": "return" }))
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(broken_fields(&silent), ["reason"]);
    let back = json!({ "decision": "return", "reason": "姓名有误" });
    scene
        .cadre
        .decide_on_membership(id, back)
        .await
        .expect_status(200)
        .unwrap();
    let own = scene
        .worker
        .get("/me/membership")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (own.text("status").unwrap(), own.text("reason").unwrap()),
        ("returned", "姓名有误")
    );

    let corrected = Invented {
        name: "测改正".to_owned(),
        ..person.clone()
    };
    let second = joined(&scene.worker, &corrected).await;
    assert_eq!(
        (&second.body["id"], &second.body["memberNo"]),
        (&first.body["id"], &first.body["memberNo"])
    );
    let no = json!({ "decision": "reject", "reason": "不在受理范围" });
    scene
        .cadre
        .decide_on_membership(id, no)
        .await
        .expect_status(200)
        .unwrap();
    let third = joined(&scene.worker, &corrected).await;
    assert_ne!(
        third.body["memberNo"], first.body["memberNo"],
        "numbers are never reused"
    );
}

#[rstest]
#[tokio::test]
async fn consents_are_given_and_taken_back(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let health = json!({ "purpose": "health_data", "version": "1" });
    scene
        .worker
        .post("/me/consents", health)
        .await
        .expect_status(201)
        .unwrap();
    scene
        .worker
        .delete("/me/consents/health_data")
        .await
        .expect_status(204)
        .unwrap();
    scene
        .worker
        .delete("/me/consents/health_data")
        .await
        .expect_status(404)
        .unwrap();
    let unknown = json!({ "purpose": "everything", "version": "1" });
    let refused = scene
        .worker
        .post("/me/consents", unknown)
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(broken_fields(&refused), ["purpose"]);
    joined(&scene.worker, &Invented::new()).await;
    let needed = scene.worker.delete("/me/consents/membership").await;
    needed
        .expect_problem(409, "consent_needed_by_membership")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_reveal_needs_a_reason_and_has_a_limit(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let person = Invented::new();
    let id = joined(&scene.worker, &person).await.body["id"].clone();
    let queue = scene
        .cadre
        .get("/admin/membership-applications?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    let line = queue.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == id)
        .unwrap();
    let path = format!(
        "/admin/persons/{}/reveals",
        line["personId"].as_str().unwrap()
    );
    let ask = json!({ "fields": ["idNumber"], "reason": "核对入会材料" });

    let beside = scene.cadre_of("370812").await;
    beside
        .post(&path, ask.clone())
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    beside
        .post(&path, json!({ "fields": ["idNumber"], "reason": "" }))
        .await
        .expect_status(422)
        .unwrap();
    let here = scene.cadre_of(RENCHENG).await;
    let seen = here
        .post(&path, ask.clone())
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        seen.body,
        json!({ "idNumber": person.id_number }),
        "what was asked for, and no more"
    );
    for _ in 0..20 {
        if here.post(&path, ask.clone()).await.status == 429 {
            return;
        }
    }
    panic!("nothing stopped a cadre from looking at everything");
}

#[rstest]
#[tokio::test]
async fn unions_are_founded_inside_the_cadres_own_area(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let mine = scene
        .cadre
        .get("/admin/unions?kind=county")
        .await
        .expect_status(200)
        .unwrap();
    let counties = mine.body["items"].as_array().unwrap();
    assert_eq!(
        (counties.len(), counties[0]["district"].as_str()),
        (1, Some(RENCHENG))
    );
    let name = format!("任城区保安行业工会{}（测试）", token());
    let new = json!({ "parentId": counties[0]["id"], "name": name, "kind": "grassroots", "district": RENCHENG });
    let union = scene
        .cadre
        .post("/admin/unions", new.clone())
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(union.body["parentId"], counties[0]["id"]);
    scene
        .cadre
        .post("/admin/unions", new.clone())
        .await
        .expect_problem(409, "union_exists")
        .unwrap();
    let beside = scene.cadre_of("370812").await;
    let refused = beside
        .post("/admin/unions", new)
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(broken_fields(&refused), ["parentId"]);
}

#[rstest]
#[tokio::test]
async fn strangers_workers_and_other_districts_are_kept_out(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let decide = format!(
        "/admin/memberships/{}/decisions",
        joined(&scene.worker, &Invented::new()).await.id().unwrap()
    );
    let accept = json!({ "decision": "accept", "revision": 1 });
    for path in [
        "/membership-form",
        "/me/membership",
        "/me/membership/card",
        "/admin/membership-applications",
        "/admin/unions",
    ] {
        assert_eq!(scene.stranger.get(path).await.status, 401, "{path}");
    }
    for path in [
        "/memberships",
        "/me/consents",
        "/me/membership/withdrawal",
        "/membership-card-checks",
        "/admin/unions",
        &decide,
    ] {
        assert_eq!(
            scene.stranger.post_once(path, json!({})).await.status,
            401,
            "{path}"
        );
    }
    scene
        .worker
        .get("/admin/membership-applications")
        .await
        .expect_status(403)
        .unwrap();
    scene
        .worker
        .get("/admin/unions")
        .await
        .expect_status(403)
        .unwrap();
    scene
        .worker
        .post("/membership-card-checks", json!({ "code": "NJC1" }))
        .await
        .expect_status(403)
        .unwrap();
    scene
        .worker
        .post(&decide, accept.clone())
        .await
        .expect_status(403)
        .unwrap();
    scene
        .cadre_of("370812")
        .await
        .post(&decide, accept)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    scene
        .cadre
        .post_once("/memberships", three_fields(&Invented::new()))
        .await
        .expect_status(403)
        .unwrap();
}
