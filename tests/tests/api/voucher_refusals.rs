//! Every reason of a refused scan, as the scanner of a station hears it: status, code, and what to
//! do in Chinese.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use niangjia_domain::{
    kernel::{Clock, id::VoucherId, values::local_time},
    vouchers::codes::code::{CodeSecret, CodeStep},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::{Client, Reply},
    database::Kind,
    lunch::Lunch,
    people,
    process::shared,
};
use rstest::rstest;
use serde_json::{Value, json};

/// A member whose phone makes its own codes, for any moment.
pub struct Eater {
    pub worker: Client,
    pub voucher: VoucherId,
    device_no: u16,
    secret: CodeSecret,
}

impl Eater {
    pub async fn of(lunch: &Lunch, draft: Value) -> (Self, String) {
        let batch = lunch.running(draft).await;
        let (worker, voucher) = lunch.holder(&batch).await;
        let told = worker
            .post(
                &format!("/vouchers/{voucher}/code-secret"),
                json!({ "deviceId": "phone-1" }),
            )
            .await;
        let told = told.expect_status(201).unwrap();
        let device_no = u16::try_from(told.body["deviceNo"].as_u64().unwrap()).unwrap();
        let secret = CodeSecret::parse(told.text("secret").unwrap()).unwrap();
        (
            Self {
                worker,
                voucher: voucher.parse().unwrap(),
                device_no,
                secret,
            },
            batch,
        )
    }

    pub fn code(&self, at: DateTime<Utc>) -> String {
        CodeStep::at(self.voucher, self.device_no, at).payload(&self.secret)
    }

    /// Scanned at `at` by the station's clock, with the code of that moment.
    fn scan(&self, lunch: &Lunch, at: DateTime<Utc>) -> Value {
        let mut scan = lunch.scan_of(&self.code(at));
        scan["scannedAt"] = json!(local_time::rfc3339(at));
        scan
    }
}

/// A window of the day that is hours away from now.
fn another_time_of_day() -> (String, String) {
    let hour = (local_time::time_of(SystemClock.now()).hour() + 6) % 24;
    (format!("{hour:02}:00"), format!("{hour:02}:59"))
}

pub async fn refused(lunch: &Lunch, scan: Value, status: u16, code: &str) -> Reply {
    let reply = lunch
        .staff
        .post_once("/redemptions", scan)
        .await
        .expect_problem(status, code)
        .unwrap();
    let detail = reply.text("detail").unwrap();
    assert!(
        detail
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .count()
            > 5,
        "{code}: {detail}"
    );
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("application/problem+json")
    );
    reply
}

#[rstest]
#[tokio::test]
async fn codes_are_refused_with_what_the_holder_can_do(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = Lunch::at(&shared(kind).await.base).await;
    let (eater, _) = Eater::of(&lunch, lunch.draft()).await;
    let now = SystemClock.now();
    refused(&lunch, lunch.scan_of("12345678"), 422, "invalid_code").await;
    refused(
        &lunch,
        lunch.scan_of(&eater.code(now - TimeDelta::seconds(91))),
        422,
        "code_expired",
    )
    .await;
    refused(
        &lunch,
        lunch.scan_of(&eater.code(now + TimeDelta::seconds(91))),
        422,
        "clock_skew",
    )
    .await;
    refused(
        &lunch,
        eater.scan(&lunch, now - TimeDelta::seconds(310)),
        422,
        "clock_skew",
    )
    .await;
    let sound = eater.scan(&lunch, now);
    let accepted = lunch
        .staff
        .post_once("/redemptions", sound.clone())
        .await
        .expect_status(201)
        .unwrap();
    let again = refused(&lunch, sound.clone(), 409, "already_redeemed").await;
    assert_eq!(again.body["stationId"], lunch.station.as_str());
    let annulment = format!("/redemptions/{}/annulment", accepted.id().unwrap());
    lunch
        .staff
        .post(&annulment, json!({ "reason": "扫错了人" }))
        .await
        .expect_status(200)
        .unwrap();
    refused(&lunch, sound, 422, "code_replayed").await;
}

#[rstest]
#[tokio::test]
async fn place_and_time_are_refused_with_where_and_when(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = Lunch::at(&shared(kind).await.base).await;
    let now = SystemClock.now();
    let (from, to) = another_time_of_day();
    let mut dinner = lunch.draft();
    dinner["meals"] = json!([{ "name": format!("餐{}", people::token()), "from": from, "to": to }]);
    let (eater, _) = Eater::of(&lunch, dinner).await;
    refused(&lunch, eater.scan(&lunch, now), 409, "outside_meal_window").await;

    let mut later = lunch.draft();
    later["validFrom"] = json!(local_time::rfc3339(now + TimeDelta::hours(2)));
    let (eater, _) = Eater::of(&lunch, later).await;
    refused(&lunch, eater.scan(&lunch, now), 409, "not_yet_valid").await;

    let mut over = lunch.draft();
    over["validTo"] = json!(local_time::rfc3339(now + TimeDelta::seconds(120)));
    let (eater, _) = Eater::of(&lunch, over).await;
    refused(
        &lunch,
        eater.scan(&lunch, SystemClock.now() + TimeDelta::seconds(200)),
        409,
        "expired",
    )
    .await;

    let station = json!({
        "name": format!("夜间驿站{}", people::token()), "district": "370811", "address": "演示路 9 号",
        "lng": 116.59, "lat": 35.41, "services": ["water"], "hours": { "from": from, "to": to },
    });
    let station = lunch
        .cadre
        .post("/admin/stations", station)
        .await
        .expect_status(201)
        .unwrap();
    let mut there = lunch.draft();
    there["stationIds"] = json!([station.id().unwrap()]);
    let (eater, _) = Eater::of(&lunch, there).await;
    refused(&lunch, eater.scan(&lunch, now), 409, "wrong_station").await;
    let mut scan = eater.scan(&lunch, now);
    scan["stationId"] = json!(station.id().unwrap());
    refused(&lunch, scan.clone(), 403, "staff_not_bound").await;
    let invitation = json!({ "role": "station_staff", "stationId": station.id().unwrap() });
    let invitation = lunch
        .cadre
        .post("/admin/staff-invitations", invitation)
        .await
        .expect_status(201)
        .unwrap();
    let keeper = lunch
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

#[rstest]
#[tokio::test]
async fn holder_and_batch_are_refused_with_whom_to_ask(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = Lunch::at(&shared(kind).await.base).await;
    let now = SystemClock.now();
    let mut two_each = lunch.draft();
    two_each["perPersonLimit"] = json!(2);
    let (eater, batch) = Eater::of(&lunch, two_each).await;
    let second = lunch
        .claim(&eater.worker, &batch)
        .await
        .expect_status(201)
        .unwrap()
        .id()
        .unwrap()
        .to_owned();
    lunch
        .staff
        .post_once("/redemptions", eater.scan(&lunch, now))
        .await
        .expect_status(201)
        .unwrap();
    let code = lunch.code(&eater.worker, &second).await;
    refused(
        &lunch,
        lunch.scan_of(code.text("payload").unwrap()),
        409,
        "person_meal_limit",
    )
    .await;

    let (eater, batch) = Eater::of(&lunch, lunch.draft()).await;
    lunch
        .cadre
        .post(&format!("/admin/voucher-batches/{batch}/pause"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    refused(&lunch, eater.scan(&lunch, now), 409, "batch_paused").await;

    let (eater, _) = Eater::of(&lunch, lunch.draft()).await;
    eater
        .worker
        .post("/me/membership/withdrawal", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    refused(
        &lunch,
        eater.scan(&lunch, now),
        409,
        "standing_insufficient",
    )
    .await;
}
