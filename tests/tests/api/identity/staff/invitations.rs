//! Invitations: made, used once, too late.

use chrono::TimeDelta;
use niangjia_domain::kernel::{Clock, id::StationId};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::{
    places::{DISTRICT, QUFU},
    servers::database::Kind,
};
use rstest::rstest;
use serde_json::json;

use super::{bind, code, invite, office};
use crate::identity::wechat;

#[rstest]
#[tokio::test]
async fn an_invitation_makes_station_staff_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let office = office(kind).await;
    let invitation = invite(
        &office.cadre,
        json!({ "role": "station_staff", "stationId": office.here }),
    )
    .await;
    let invitation = invitation.expect_status(201).unwrap();
    assert!(invitation.id().unwrap().starts_with("invite_"));
    assert!(invitation.text("expiresAt").unwrap().ends_with("+08:00"));
    let code = invitation.text("invitationCode").unwrap();

    let (staff, other) = (
        wechat(&office.stranger, "staff-1").await,
        wechat(&office.stranger, "other").await,
    );
    let account = bind(&staff, &code.to_lowercase().replace('-', " "))
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        account.body["roles"],
        json!(["worker", "donor", "station_staff"])
    );
    let scope = json!([{ "role": "station_staff", "kind": "station", "id": office.here }]);
    assert_eq!(account.body["scopes"], scope);
    assert_eq!(
        staff.get("/me").await.body,
        account.body,
        "with the same token"
    );
    assert_eq!(
        bind(&staff, code).await.expect_status(201).unwrap().body,
        account.body,
        "a lost answer"
    );
    bind(&other, code)
        .await
        .expect_problem(409, "invitation_used")
        .unwrap();
    assert_eq!(
        other.get("/me").await.body["roles"],
        json!(["worker", "donor"])
    );
}

#[rstest]
#[tokio::test]
async fn a_cadre_invites_inside_the_own_area_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let office = office(kind).await;
    let nowhere = StationId::generate(SystemClock.now(), &SystemRandom);
    let inside = json!({ "role": "cadre", "district": DISTRICT });
    for body in [
        json!({ "role": "station_staff", "stationId": office.elsewhere }),
        json!({ "role": "station_staff", "stationId": nowhere }),
        json!({ "role": "cadre", "district": "370800" }),
        json!({ "role": "auditor", "district": QUFU }),
    ] {
        invite(&office.cadre, body.clone())
            .await
            .expect_problem(404, "not_found")
            .unwrap();
        let expected = if body["stationId"] == json!(nowhere) {
            404
        } else {
            201
        };
        invite(&office.admin, body)
            .await
            .expect_status(expected)
            .unwrap();
    }
    invite(&office.cadre, inside.clone())
        .await
        .expect_status(201)
        .unwrap();
    invite(&wechat(&office.stranger, "worker-1").await, inside.clone())
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    invite(&office.stranger, inside)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}

#[tokio::test]
async fn an_invitation_names_what_fits_its_role() {
    let office = office(Kind::Sqlite).await;
    let (stn, district) = (office.here.to_string(), DISTRICT);
    for body in [
        json!({ "role": "station_staff" }),
        json!({ "role": "station_staff", "district": district }),
        json!({ "role": "station_staff", "stationId": "acct_1" }),
        json!({ "role": "cadre" }),
        json!({ "role": "cadre", "stationId": stn }),
        json!({ "role": "cadre", "district": "Rencheng" }),
        json!({ "role": "admin" }),
        json!({ "role": "worker" }),
        json!({ "role": "cadre", "district": district, "expiresInHours": 0 }),
        json!({ "role": "cadre", "district": district, "expiresInHours": 337 }),
        json!({ "role": "cadre", "district": district, "code": "MINE" }),
    ] {
        let reply = invite(&office.admin, body.clone()).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_fields"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn late_and_unknown_codes_are_told_apart() {
    let office = office(Kind::Sqlite).await;
    let worker = wechat(&office.stranger, "worker-1").await;
    let late = code(
        &office.admin,
        json!({ "role": "cadre", "district": DISTRICT, "expiresInHours": 1 }),
    )
    .await;
    for unknown in ["0000-0000-0000-0000", "short", "!!!!-!!!!-!!!!-!!!!"] {
        bind(&worker, unknown)
            .await
            .expect_problem(422, "invitation_unknown")
            .unwrap();
    }
    bind(&office.stranger, &late)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    office.town.clock.advance(TimeDelta::hours(1));
    let worker = wechat(&office.stranger, "worker-1").await;
    bind(&worker, &late)
        .await
        .expect_problem(409, "invitation_expired")
        .unwrap();
}
