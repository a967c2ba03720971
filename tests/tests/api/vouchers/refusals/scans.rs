//! Refused for the code, the place or the hour.

use chrono::TimeDelta;
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{demo_town::DemoTown, people, places::DISTRICT, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{Eater, another_time_of_day, refused};

#[rstest]
#[tokio::test]
async fn codes_are_refused_with_what_the_holder_can_do(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let (eater, _) = Eater::of(&town, town.draft()).await;
    let now = SystemClock.now();
    refused(&town, town.scan_of("12345678"), 422, "invalid_code").await;
    refused(
        &town,
        town.scan_of(&eater.code(now - TimeDelta::seconds(91))),
        422,
        "code_expired",
    )
    .await;
    refused(
        &town,
        town.scan_of(&eater.code(now + TimeDelta::seconds(91))),
        422,
        "clock_skew",
    )
    .await;
    refused(
        &town,
        eater.scan(&town, now - TimeDelta::seconds(310)),
        422,
        "clock_skew",
    )
    .await;
    let sound = eater.scan(&town, now);
    let accepted = town
        .staff
        .post_once("/redemptions", sound.clone())
        .await
        .expect_status(201)
        .unwrap();
    let again = refused(&town, sound.clone(), 409, "already_redeemed").await;
    assert_eq!(again.body["stationId"], town.station.as_str());
    let annulment = format!("/redemptions/{}/annulment", accepted.id().unwrap());
    town.staff
        .post(&annulment, json!({ "reason": "扫错了人" }))
        .await
        .expect_status(200)
        .unwrap();
    refused(&town, sound, 422, "code_replayed").await;
}

#[rstest]
#[tokio::test]
async fn place_and_time_are_refused_with_where_and_when(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let now = SystemClock.now();
    let (from, to) = another_time_of_day();
    let mut dinner = town.draft();
    dinner["meals"] = json!([{ "name": format!("餐{}", people::token()), "from": from, "to": to }]);
    let (eater, _) = Eater::of(&town, dinner).await;
    refused(&town, eater.scan(&town, now), 409, "outside_meal_window").await;

    let mut later = town.draft();
    later["validFrom"] = json!(local_time::rfc3339(now + TimeDelta::hours(2)));
    let (eater, _) = Eater::of(&town, later).await;
    refused(&town, eater.scan(&town, now), 409, "not_yet_valid").await;

    let mut over = town.draft();
    over["validTo"] = json!(local_time::rfc3339(now + TimeDelta::seconds(120)));
    let (eater, _) = Eater::of(&town, over).await;
    refused(
        &town,
        eater.scan(&town, SystemClock.now() + TimeDelta::seconds(200)),
        409,
        "expired",
    )
    .await;

    let station = json!({
        "name": format!("夜间驿站{}", people::token()), "district": DISTRICT, "address": "演示路 9 号",
        "lng": 116.59, "lat": 35.41, "services": ["water"], "hours": { "from": from, "to": to },
    });
    let station = town
        .cadre
        .post("/admin/stations", station)
        .await
        .expect_status(201)
        .unwrap();
    let mut there = town.draft();
    there["stationIds"] = json!([station.id().unwrap()]);
    let (eater, _) = Eater::of(&town, there).await;
    refused(&town, eater.scan(&town, now), 409, "wrong_station").await;
    let mut scan = eater.scan(&town, now);
    scan["stationId"] = json!(station.id().unwrap());
    refused(&town, scan.clone(), 403, "staff_not_bound").await;
    let invitation = json!({ "role": "station_staff", "stationId": station.id().unwrap() });
    let invitation = town
        .cadre
        .post("/admin/staff-invitations", invitation)
        .await
        .expect_status(201)
        .unwrap();
    let keeper = town
        .stranger
        .wechat(&format!("dev:keeper-{}", people::token()))
        .await
        .unwrap();
    let code = json!({ "invitationCode": invitation.text("invitationCode").unwrap() });
    keeper
        .post("/auth/staff-bindings", code)
        .await
        .expect_status(201)
        .unwrap();
    keeper
        .post_once("/redemptions", scan)
        .await
        .expect_problem(409, "station_closed")
        .unwrap();
}
