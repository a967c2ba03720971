//! Roles: taken away, and out of sight in another area.

use niangjia_tests::{places::DISTRICT, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{bind, code, invite, office};
use crate::identity::wechat;

#[rstest]
#[tokio::test]
async fn a_role_taken_away_is_gone_at_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let office = office(kind).await;
    let deputy = wechat(&office.stranger, "deputy").await;
    let body = json!({ "role": "cadre", "district": DISTRICT });
    bind(&deputy, &code(&office.cadre, body.clone()).await)
        .await
        .expect_status(201)
        .unwrap();
    let accomplice = code(&deputy, body.clone()).await;

    let grants = office
        .cadre
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    let id = deputy.get("/me").await.id().unwrap().to_owned();
    let items = grants.body["items"].as_array().unwrap();
    let grant = items
        .iter()
        .find(|grant| grant["accountId"] == json!(id))
        .unwrap();
    assert_eq!(
        grant["scope"],
        json!({ "role": "cadre", "kind": "district", "id": DISTRICT })
    );
    let path = format!("/admin/staff-grants/{}", grant["id"].as_str().unwrap());

    deputy
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    office.admin.delete(&path).await.expect_status(204).unwrap();
    deputy
        .get("/admin/staff-grants")
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    invite(&deputy, body)
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    assert_eq!(deputy.get("/me").await.body["scopes"], json!([]));
    office
        .admin
        .delete(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    bind(&deputy, &accomplice)
        .await
        .expect_problem(409, "invitation_expired")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn roles_of_another_area_are_not_there(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let office = office(kind).await;
    let staff = wechat(&office.stranger, "staff-1").await;
    let body = json!({ "role": "station_staff", "stationId": office.elsewhere });
    bind(&staff, &code(&office.admin, body).await)
        .await
        .expect_status(201)
        .unwrap();
    let all = office
        .admin
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    let id = staff.get("/me").await.id().unwrap().to_owned();
    let items = all.body["items"].as_array().unwrap();
    let grant = items
        .iter()
        .find(|item| item["accountId"] == json!(id))
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/admin/staff-grants/{grant}");
    let own = office
        .cadre
        .get("/admin/staff-grants")
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        own.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["id"] != json!(grant))
    );
    office
        .cadre
        .delete(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    staff
        .delete(&path)
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    office
        .stranger
        .delete(&path)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    office
        .admin
        .delete("/admin/staff-grants/acct_1")
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    office.admin.delete(&path).await.expect_status(204).unwrap();
}
