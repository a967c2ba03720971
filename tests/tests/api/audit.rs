//! The audit API, against the real binary.

use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    client::Client,
    demo_town::DemoTown,
    eventually::eventually,
    places::DISTRICT,
    servers::{database::Kind, process::PASSWORD},
};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn what_was_done_is_there_and_gets_its_place_in_the_chain(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let today = local_time::date_of(SystemClock.now());
    let campaign = json!({ "name": "审计体检", "district": DISTRICT, "from": today, "to": today });
    let campaign = town
        .cadre
        .post("/admin/checkup-campaigns", campaign)
        .await
        .expect_status(201)
        .unwrap();

    let line = eventually("the line got its place in the chain", async || {
        let page = town.cadre.get("/admin/audit-entries?limit=100").await;
        let page = page.expect_status(200).unwrap();
        let mut lines = page.body["items"].as_array().unwrap().iter();
        let line = lines
            .find(|line| line["subject"] == campaign.body["id"])
            .expect("written with the change");
        line["sequence"].is_i64().then(|| line.clone())
    })
    .await;
    assert_eq!(
        (&line["action"], &line["role"]),
        (&json!("checkup_campaign.opened"), &json!("cadre"))
    );
    assert_eq!(
        (
            &line["area"],
            line["requestId"].as_str().unwrap().is_empty()
        ),
        (&json!(DISTRICT), false)
    );

    let head = town
        .cadre
        .get("/admin/audit-head")
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        head.body["sequence"].as_i64() >= line["sequence"].as_i64(),
        "sealed within seconds: {line}"
    );
    assert!(head.text("hash").unwrap().len() == 64 && line["sequence"].is_i64());
}

#[rstest]
#[tokio::test]
async fn the_trail_is_not_for_everybody(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    for path in ["/admin/audit-entries", "/admin/audit-head"] {
        town.stranger
            .get(path)
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
        for nobody in [&town.newcomer().await.unwrap(), &town.staff] {
            nobody
                .get(path)
                .await
                .expect_problem(403, "forbidden")
                .unwrap();
        }
    }
}

/// An account that holds an office by an invitation, and the invitation's id.
async fn invited(town: &DemoTown, admin: &Client, office: Value) -> (Client, String) {
    let invitation = admin
        .post("/admin/staff-invitations", office)
        .await
        .expect_status(201)
        .unwrap();
    let officer = town.newcomer().await.unwrap();
    let code = json!({ "invitationCode": invitation.text("invitationCode").unwrap() });
    officer
        .post("/auth/staff-bindings", code)
        .await
        .expect_status(201)
        .unwrap();
    (officer, invitation.id().unwrap().to_owned())
}

/// Actions that a reader finds about one object.
async fn actions(reader: &Client, query: &str) -> Vec<String> {
    let page = reader
        .get(&format!("/admin/audit-entries?limit=100&{query}"))
        .await
        .expect_status(200)
        .unwrap();
    let lines = page.body["items"].as_array().unwrap().iter();
    lines
        .map(|line| line["action"].as_str().unwrap().to_owned())
        .collect()
}

/// F16: what the auditor of a district did not see while entries had no district.
#[rstest]
#[tokio::test]
async fn a_districts_auditor_sees_its_stations_people_and_vouchers(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let admin = town.stranger.password("admin", PASSWORD).await.unwrap();
    let office = |district: &str| json!({ "role": "auditor", "district": district });
    let (auditor, _) = invited(&town, &admin, office(DISTRICT)).await;
    let (neighbour, _) = invited(&town, &admin, office("370881")).await;

    let keeper = json!({ "role": "station_staff", "stationId": town.station });
    let (staff, invitation) = invited(&town, &admin, keeper).await;
    let account = staff.get("/me").await.expect_status(200).unwrap().body["id"].clone();
    let batch = town.running(town.draft()).await.unwrap();
    let (worker, voucher) = town.holder(&batch).await.unwrap();
    worker
        .post(
            &format!("/vouchers/{voucher}/code-secret"),
            json!({ "deviceId": "phone-1" }),
        )
        .await
        .expect_status(201)
        .unwrap();
    let code = town.code(&worker, &voucher).await.unwrap();
    let scan = town
        .staff
        .post_once("/redemptions", town.scan_of(code.text("payload").unwrap()))
        .await
        .expect_status(201)
        .unwrap();
    let redemption = scan.id().unwrap().to_owned();
    town.staff
        .post(
            &format!("/redemptions/{redemption}/annulment"),
            json!({ "reason": "扫错了人" }),
        )
        .await
        .expect_status(200)
        .unwrap();
    let path = format!("/admin/voucher-batches/{batch}");
    town.cadre
        .post(&format!("{path}/stop"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let recall = town
        .cadre
        .post(
            &format!("{path}/recalls"),
            json!({ "all": true, "reason": "批次作废" }),
        )
        .await;
    let recall = recall.id().unwrap().to_owned();

    let about = |id: &str| format!("subject={id}");
    for (query, action) in [
        (about(&invitation), "invitation.issued"),
        (about(&invitation), "invitation.used"),
        (
            format!("account={}&action=grant.added", account.as_str().unwrap()),
            "grant.added",
        ),
        (about(&voucher), "voucher.secret_delivered"),
        (about(&redemption), "redemption.annulled"),
        (about(&recall), "voucher_recall.ordered"),
        (about(&recall), "voucher.recalled"),
    ] {
        let seen = actions(&auditor, &query).await;
        assert!(seen.contains(&action.to_owned()), "{query}: {seen:?}");
        assert_eq!(actions(&neighbour, &query).await, [""; 0], "{query}");
    }
    // Signing in is a worker's own affair.
    let signed_in = format!(
        "account={}&action=session.opened",
        account.as_str().unwrap()
    );
    assert_eq!(actions(&auditor, &signed_in).await, [""; 0]);
    assert_eq!(actions(&admin, &signed_in).await, ["session.opened"]);
}

#[rstest]
#[tokio::test]
async fn a_search_is_by_words_that_there_are(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    for query in [
        "account=acct_nobody",
        "action=%E5%BF%83%E6%84%BF",
        "action=wish%00",
        "subject=%27%20OR%201%3D1",
        "from=yesterday",
        "to=2026-13-01T00:00:00Z",
        "area=37",
    ] {
        town.cadre
            .get(&format!("/admin/audit-entries?{query}"))
            .await
            .expect_problem(422, "invalid_fields")
            .unwrap();
    }
    let before = "to=2000-01-01T00:00:00%2B08:00";
    assert_eq!(actions(&town.cadre, before).await, [""; 0]);
}
