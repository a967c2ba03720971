//! Who books, what it takes, and how a seat goes back.

use niangjia_tests::{demo_town::DemoTown, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{book, in_days, session, wish_for};

#[rstest]
#[tokio::test]
async fn only_accepted_members_book(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let session = session(&town.cadre, in_days(3), 1).await;
    let refused = book(&town.newcomer().await.unwrap(), &session)
        .await
        .expect_problem(403, "standing_insufficient")
        .unwrap();
    assert!(refused.text("detail").unwrap().contains("一键入会"));
    let (member, _) = town.provisional_member().await.unwrap();
    let refused = book(&member, &session)
        .await
        .expect_problem(403, "standing_insufficient")
        .unwrap();
    assert!(refused.text("detail").unwrap().contains("基层工会审核"));
    book(&town.stranger, &session)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();

    book(&town.member().await.unwrap(), &session)
        .await
        .expect_status(201)
        .unwrap();
    book(&town.member().await.unwrap(), &session)
        .await
        .expect_problem(409, "slot_full")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_seat_goes_back_in_time_and_only_by_its_holder(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let (worker, other) = (town.member().await.unwrap(), town.member().await.unwrap());
    let far = session(&town.cadre, in_days(3), 1).await;
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
    town.staff
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

    let near = session(&town.cadre, in_days(0), 1).await;
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
async fn a_booking_needs_a_slot_and_the_consent_in_force(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let worker = town.member().await.unwrap();
    let session = session(&town.cadre, in_days(3), 1).await;
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
