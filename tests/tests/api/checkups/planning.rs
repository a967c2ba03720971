//! Sessions as the public and cadres see them.

use niangjia_tests::{
    client::Reply, demo_town::DemoTown, places::DISTRICT, servers::database::Kind,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{book, campaign, id, in_days, session, van};

#[rstest]
#[tokio::test]
async fn sessions_are_public_filtered_and_cached_by_tag(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let session = session(&town.cadre, in_days(20), 1).await;
    let day = in_days(20);
    let list = |query: String| {
        let stranger = town.stranger.clone();
        async move {
            stranger
                .get(&format!("/checkup-sessions?{query}"))
                .await
                .expect_status(200)
                .unwrap()
        }
    };
    let has = |reply: &Reply| {
        reply.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["id"] == session["id"])
    };
    assert!(has(&list(format!(
        "district=370800&from={day}&to={day}&limit=100"
    ))
    .await));
    assert!(!has(
        &list(format!("district=370812&from={day}&to={day}")).await
    ));
    assert!(!has(&list(format!("from={}&limit=100", in_days(21))).await));
    let nearest = list(format!("near=116.59,35.41&from={day}&to={day}&limit=100")).await;
    assert!(has(&nearest) && nearest.body["items"][0]["distanceMetres"].is_u64());

    let tag = nearest.header("etag").unwrap().to_owned();
    assert!(!tag.is_empty());
    for (query, code) in [
        ("from=2026-02-30", "date_invalid"),
        ("from=2026-06-02&to=2026-06-01", "date_order"),
        ("district=37", "district_invalid"),
        ("near=north", "near_invalid"),
    ] {
        let refused = town
            .stranger
            .get(&format!("/checkup-sessions?{query}"))
            .await
            .expect_status(422)
            .unwrap();
        assert_eq!(refused.body["errors"][0]["code"], code, "{query}");
    }
    town.stranger
        .get("/checkup-sessions/camp_01jd3v7c9vf8ys2v4t0y3z5q7r")
        .await
        .expect_status(404)
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn plans_that_make_no_sense_name_every_field(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let campaign = campaign(&town.cadre).await;
    let good = || json!([{ "start": "08:00", "end": "09:00", "capacity": 5 }]);
    let refused = async |body: Value| -> Vec<(String, String)> {
        let reply = town
            .cadre
            .post("/admin/checkup-sessions", body)
            .await
            .expect_status(422)
            .unwrap();
        let errors = reply.body["errors"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        errors
            .iter()
            .map(|error| (text(&error["field"]), text(&error["code"])))
            .collect()
    };
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];

    let overlapping = json!([
        { "start": "08:00", "end": "10:00", "capacity": 5 },
        { "start": format!("{}T09:00:00+08:00", in_days(1)), "end": "11:00", "capacity": 0 },
    ]);
    let found = refused(van(&campaign, in_days(1), overlapping)).await;
    let expected = [
        ("slots[1].capacity", "slot_capacity"),
        ("slots[1].start", "slots_overlap"),
    ];
    assert_eq!(
        found,
        expected.map(|(field, code)| (field.to_owned(), code.to_owned()))
    );
    let unreadable = json!([{ "start": "8am", "end": "10:00", "capacity": 5 }]);
    assert_eq!(
        refused(van(&campaign, in_days(1), unreadable)).await,
        one("slots[0].start", "time_invalid")
    );
    assert_eq!(
        refused(van(&campaign, in_days(40), good())).await,
        one("date", "date_outside_campaign")
    );
    assert_eq!(
        refused(van("camp_01jd3v7c9vf8ys2v4t0y3z5q7r", in_days(1), good())).await,
        one("campaignId", "campaign_unknown")
    );
    let mut body = van(&campaign, in_days(1), good());
    body["seats"] = json!(3);
    assert_eq!(refused(body).await, one("seats", "unknown_field"));
}

#[rstest]
#[tokio::test]
async fn planning_and_scanning_are_for_their_roles_and_districts(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let worker = town.member().await.unwrap();
    let elsewhere =
        json!({ "name": "别处体检", "district": "370812", "from": in_days(0), "to": in_days(3) });
    town.cadre
        .post("/admin/checkup-campaigns", elsewhere)
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    let here =
        json!({ "name": "本处体检", "district": DISTRICT, "from": in_days(0), "to": in_days(3) });
    for nobody in [&worker, &town.staff] {
        nobody
            .post("/admin/checkup-campaigns", here.clone())
            .await
            .expect_problem(403, "forbidden")
            .unwrap();
        nobody
            .get("/admin/checkup-campaigns")
            .await
            .expect_problem(403, "forbidden")
            .unwrap();
    }
    town.stranger
        .post("/admin/checkup-campaigns", here)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    assert!(
        !town
            .cadre
            .get("/admin/checkup-campaigns")
            .await
            .expect_status(200)
            .unwrap()
            .body["items"]
            .is_null()
    );

    let session = session(&town.cadre, in_days(0), 1).await;
    let code = book(&worker, &session)
        .await
        .expect_status(201)
        .unwrap()
        .text("code")
        .unwrap()
        .to_owned();
    let scan = |code: &str| json!({ "code": code, "sessionId": id(&session) });
    worker
        .post_once("/checkup-check-ins", scan(&code))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    town.staff
        .post("/checkup-check-ins", scan(&code))
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    let forged = format!("{}AAAA", &code[..code.len() - 4]);
    for code in [&*forged, "", "NC1.", "'; DROP TABLE checkup_bookings; --"] {
        town.staff
            .post_once("/checkup-check-ins", scan(code))
            .await
            .expect_problem(422, "code_invalid")
            .unwrap();
    }
    let other = self::session(&town.cadre, in_days(0), 1).await;
    let body = json!({ "code": code, "sessionId": id(&other) });
    town.staff
        .post_once("/checkup-check-ins", body)
        .await
        .expect_problem(422, "wrong_session")
        .unwrap();
    town.cadre
        .post_once("/checkup-check-ins", scan(&code))
        .await
        .expect_status(201)
        .unwrap();
}
