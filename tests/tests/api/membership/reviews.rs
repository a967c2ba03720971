//! Decisions, consents, and looking at what is hidden.

use niangjia_tests::{people::Invented, places::DISTRICT, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{Scene, broken_fields, joined};

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
    let here = scene.cadre_of(DISTRICT).await;
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
