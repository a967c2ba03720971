//! Joining, by three fields or by one tap.

use niangjia_tests::{client::fresh_key, people::Invented, servers::database::Kind};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Scene, broken_fields, joined, one_tap, three_fields};

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
