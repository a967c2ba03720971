//! The checkups API, against the real binary.

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    crew::{Crew, DISTRICT},
    database::Kind,
};
use rstest::rstest;
use serde_json::{Value, json};

fn in_days(days: i64) -> NaiveDate {
    local_time::date_of(SystemClock.now() + TimeDelta::days(days))
}

async fn campaign(cadre: &Client) -> String {
    let body =
        json!({ "name": "测试体检", "district": DISTRICT, "from": in_days(0), "to": in_days(30) });
    cadre
        .post("/admin/checkup-campaigns", body)
        .await
        .expect_status(201)
        .unwrap()
        .id()
        .unwrap()
        .to_owned()
}

fn van(campaign: &str, date: NaiveDate, slots: Value) -> Value {
    json!({
        "campaignId": campaign, "place": "测试广场", "lng": 116.59, "lat": 35.41, "district": DISTRICT, "date": date,
        "vehicle": "体检车", "packages": ["基础", "心脑血管"], "slots": slots,
    })
}

/// A van of `date`, with one slot that lasts all day.
async fn session(cadre: &Client, date: NaiveDate, capacity: u32) -> Value {
    let slots = json!([{ "start": "00:00", "end": "24:00", "capacity": capacity }]);
    let body = van(&campaign(cadre).await, date, slots);
    cadre
        .post("/admin/checkup-sessions", body)
        .await
        .expect_status(201)
        .unwrap()
        .body
}

fn wish_for(session: &Value) -> Value {
    json!({ "slotId": session["slots"][0]["id"], "package": "基础", "healthConsent": { "version": session["healthConsentVersion"] } })
}

async fn book(worker: &Client, session: &Value) -> Reply {
    worker
        .post_once("/checkup-bookings", wish_for(session))
        .await
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[rstest]
#[tokio::test]
async fn a_checkup_from_plan_to_attendance(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let crew = Crew::of(kind).await;
    let worker = crew.active_member().await;
    let session = session(&crew.cadre, in_days(0), 2).await;
    let path = format!("/checkup-sessions/{}", id(&session));
    assert_eq!(
        crew.stranger
            .get(&path)
            .await
            .expect_status(200)
            .unwrap()
            .body["slots"][0]["bookable"],
        2
    );

    let key = fresh_key();
    let booked = worker
        .post_with_key("/checkup-bookings", wish_for(&session), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (
            booked.text("status").unwrap(),
            booked.text("package").unwrap()
        ),
        ("booked", "基础")
    );
    assert_eq!(
        booked.header("location"),
        Some(&*format!(
            "/api/v1/checkup-bookings/{}",
            booked.id().unwrap()
        ))
    );
    assert_eq!(booked.header("cache-control"), Some("no-store"));
    assert!(booked.text("bookedAt").unwrap().ends_with("+08:00"));
    let again = worker
        .post_with_key("/checkup-bookings", wish_for(&session), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (again.id().unwrap(), again.header("idempotency-replayed")),
        (booked.id().unwrap(), Some("true"))
    );
    book(&worker, &session)
        .await
        .expect_problem(409, "already_booked")
        .unwrap();
    assert_eq!(
        crew.stranger.get(&path).await.body["slots"][0]["bookable"],
        1
    );

    let mine = worker
        .get("/me/checkup-bookings")
        .await
        .expect_status(200)
        .unwrap()
        .body["items"][0]
        .clone();
    assert_eq!(mine["session"]["place"], "测试广场");
    let scan = json!({ "code": mine["code"], "sessionId": id(&session) });
    let first = crew
        .staff
        .post_once("/checkup-check-ins", scan.clone())
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (first.text("status").unwrap(), &first.body["repeated"]),
        ("checked_in", &json!(false))
    );
    assert_eq!(
        first.body["holder"]["nameMasked"]
            .as_str()
            .unwrap()
            .chars()
            .skip(1)
            .collect::<String>(),
        "**"
    );
    let second = crew
        .staff
        .post_once("/checkup-check-ins", scan)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (&second.body["repeated"], &second.body["checkedInAt"]),
        (&json!(true), &first.body["checkedInAt"])
    );

    let completion = format!("/checkup-bookings/{}/completion", booked.id().unwrap());
    crew.staff
        .post(&completion, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    crew.staff
        .post(&completion, json!({}))
        .await
        .expect_problem(409, "already_completed")
        .unwrap();
    let attendance = crew
        .cadre
        .get(&format!("/admin{path}/attendance"))
        .await
        .expect_status(200)
        .unwrap()
        .body;
    assert_eq!(
        (
            &attendance["capacity"],
            &attendance["completed"],
            &attendance["booked"]
        ),
        (&json!(2), &json!(1), &json!(0))
    );
    let next = self::session(&crew.cadre, in_days(0), 1).await;
    book(&worker, &next)
        .await
        .expect_problem(409, "not_eligible_this_year")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn only_accepted_members_book(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let crew = Crew::of(kind).await;
    let session = session(&crew.cadre, in_days(3), 1).await;
    let refused = book(&crew.newcomer().await, &session)
        .await
        .expect_problem(403, "standing_insufficient")
        .unwrap();
    assert!(refused.text("detail").unwrap().contains("一键入会"));
    let (member, _) = crew.provisional_member().await;
    let refused = book(&member, &session)
        .await
        .expect_problem(403, "standing_insufficient")
        .unwrap();
    assert!(refused.text("detail").unwrap().contains("基层工会审核"));
    book(&crew.stranger, &session)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();

    book(&crew.active_member().await, &session)
        .await
        .expect_status(201)
        .unwrap();
    book(&crew.active_member().await, &session)
        .await
        .expect_problem(409, "slot_full")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_seat_goes_back_in_time_and_only_by_its_holder(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let crew = Crew::of(kind).await;
    let (worker, other) = (crew.active_member().await, crew.active_member().await);
    let far = session(&crew.cadre, in_days(3), 1).await;
    let path = format!(
        "/checkup-bookings/{}",
        book(&worker, &far)
            .await
            .expect_status(201)
            .unwrap()
            .id()
            .unwrap()
    );
    let cancellation = format!("{path}/cancellation");
    other
        .get(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    other
        .post(&cancellation, json!({}))
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    crew.staff
        .post(&format!("{path}/completion"), json!({}))
        .await
        .expect_problem(409, "not_checked_in")
        .unwrap();
    worker
        .post(&cancellation, json!({ "why": "rain" }))
        .await
        .expect_status(422)
        .unwrap();

    assert_eq!(
        worker
            .post(&cancellation, json!({}))
            .await
            .expect_status(200)
            .unwrap()
            .body["status"],
        "cancelled"
    );
    worker
        .post(&cancellation, json!({}))
        .await
        .expect_problem(409, "booking_cancelled")
        .unwrap();
    assert_eq!(
        worker
            .get(&path)
            .await
            .expect_status(200)
            .unwrap()
            .body
            .get("code"),
        None
    );
    book(&other, &far).await.expect_status(201).unwrap();

    let near = session(&crew.cadre, in_days(0), 1).await;
    let path = format!(
        "/checkup-bookings/{}/cancellation",
        book(&worker, &near).await.id().unwrap()
    );
    worker
        .post(&path, json!({}))
        .await
        .expect_problem(409, "too_late_to_cancel")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn sessions_are_public_filtered_and_cached_by_tag(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let crew = Crew::of(kind).await;
    let session = session(&crew.cadre, in_days(20), 1).await;
    let day = in_days(20);
    let list = |query: String| {
        let stranger = crew.stranger.clone();
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
        let refused = crew
            .stranger
            .get(&format!("/checkup-sessions?{query}"))
            .await
            .expect_status(422)
            .unwrap();
        assert_eq!(refused.body["errors"][0]["code"], code, "{query}");
    }
    crew.stranger
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
    let crew = Crew::of(kind).await;
    let campaign = campaign(&crew.cadre).await;
    let good = || json!([{ "start": "08:00", "end": "09:00", "capacity": 5 }]);
    let refused = async |body: Value| -> Vec<(String, String)> {
        let reply = crew
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
    let crew = Crew::of(kind).await;
    let worker = crew.active_member().await;
    let elsewhere =
        json!({ "name": "别处体检", "district": "370812", "from": in_days(0), "to": in_days(3) });
    crew.cadre
        .post("/admin/checkup-campaigns", elsewhere)
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    let here =
        json!({ "name": "本处体检", "district": DISTRICT, "from": in_days(0), "to": in_days(3) });
    for nobody in [&worker, &crew.staff] {
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
    crew.stranger
        .post("/admin/checkup-campaigns", here)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    assert!(
        !crew
            .cadre
            .get("/admin/checkup-campaigns")
            .await
            .expect_status(200)
            .unwrap()
            .body["items"]
            .is_null()
    );

    let session = session(&crew.cadre, in_days(0), 1).await;
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
    crew.staff
        .post("/checkup-check-ins", scan(&code))
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    let forged = format!("{}AAAA", &code[..code.len() - 4]);
    for code in [&*forged, "", "NC1.", "'; DROP TABLE checkup_bookings; --"] {
        crew.staff
            .post_once("/checkup-check-ins", scan(code))
            .await
            .expect_problem(422, "code_invalid")
            .unwrap();
    }
    let other = self::session(&crew.cadre, in_days(0), 1).await;
    let body = json!({ "code": code, "sessionId": id(&other) });
    crew.staff
        .post_once("/checkup-check-ins", body)
        .await
        .expect_problem(422, "wrong_session")
        .unwrap();
    crew.cadre
        .post_once("/checkup-check-ins", scan(&code))
        .await
        .expect_status(201)
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_booking_needs_a_slot_and_the_consent_in_force(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let crew = Crew::of(kind).await;
    let worker = crew.active_member().await;
    let session = session(&crew.cadre, in_days(3), 1).await;
    let mut outdated = wish_for(&session);
    outdated["healthConsent"]["version"] = json!("0");
    let refused = worker
        .post_once("/checkup-bookings", outdated)
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(refused.body["errors"][0]["field"], "healthConsent.version");
    let mut silent = wish_for(&session);
    silent.as_object_mut().unwrap().remove("healthConsent");
    let refused = worker
        .post_once("/checkup-bookings", silent)
        .await
        .expect_status(422)
        .unwrap();
    assert_eq!(refused.body["errors"][0]["code"], "missing_field");
    for slot in [
        "slot_01jd3v7c9vf8ys2v4t0y3z5q7r",
        "csess_01jd3v7c9vf8ys2v4t0y3z5q7r",
        "../../etc",
        "",
    ] {
        let mut nowhere = wish_for(&session);
        nowhere["slotId"] = json!(slot);
        worker
            .post_once("/checkup-bookings", nowhere)
            .await
            .expect_problem(404, "not_found")
            .unwrap();
    }
    worker
        .post("/checkup-bookings", wish_for(&session))
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
}
