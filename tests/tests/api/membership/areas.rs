//! Whose area it is.

use niangjia_tests::{
    people::{Invented, token},
    places::DISTRICT,
    servers::database::Kind,
};
use rstest::rstest;
use serde_json::json;

use super::{Scene, broken_fields, joined, three_fields};

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
        (1, Some(DISTRICT))
    );
    let name = format!("任城区保安行业工会{}（测试）", token());
    let new = json!({ "parentId": counties[0]["id"], "name": name, "kind": "grassroots", "district": DISTRICT });
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
