//! A check from plan to attendance.

use niangjia_tests::{client::fresh_key, demo_town::DemoTown, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{book, id, in_days, session, wish_for};

#[rstest]
#[tokio::test]
async fn a_checkup_from_plan_to_attendance(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let worker = town.member().await.unwrap();
    let session = session(&town.cadre, in_days(0), 2).await;
    let path = format!("/checkup-sessions/{}", id(&session));
    assert_eq!(
        town.stranger
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
        town.stranger.get(&path).await.body["slots"][0]["bookable"],
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
    let first = town
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
    let second = town
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
    town.staff
        .post(&completion, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    town.staff
        .post(&completion, json!({}))
        .await
        .expect_problem(409, "already_completed")
        .unwrap();
    let attendance = town
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
    let next = self::session(&town.cadre, in_days(0), 1).await;
    book(&worker, &next)
        .await
        .expect_problem(409, "not_eligible_this_year")
        .unwrap();
}
