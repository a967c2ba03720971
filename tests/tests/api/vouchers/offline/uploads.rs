//! What a device uploads later, and what a cadre says about scans that do not add up.

use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{client::fresh_key, demo_town::DemoTown, people, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn offline_scans_are_uploaded_and_disputes_resolved(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    let name = format!("scanner-{}", people::token());
    let devices = format!("/stations/{}/devices", town.station);
    town.staff
        .post(&devices, json!({ "deviceId": name }))
        .await
        .expect_status(201)
        .unwrap();
    let pack = format!("/stations/{}/scan-pack?deviceId={name}", town.station);
    town.staff.get(&pack).await.expect_status(200).unwrap();
    let now = local_time::rfc3339(SystemClock.now());
    let mut items = vec![];
    for _ in 0..2 {
        let (worker, voucher) = town.holder(&batch).await.unwrap();
        let code = town.code(&worker, &voucher).await.unwrap();
        let scan = people::token();
        items.push(
            json!({ "scanId": scan, "code": code.text("payload").unwrap(), "scannedAt": now, "priceFen": 1_800 }),
        );
    }
    let online = json!({ "code": items[1]["code"], "stationId": town.station, "deviceId": "till" });
    town.staff
        .post_once("/redemptions", online)
        .await
        .expect_status(201)
        .unwrap();
    items.push(json!({ "scanId": people::token(), "code": "12345678", "scannedAt": now }));
    let upload = json!({ "stationId": town.station, "deviceId": name, "syncedThrough": now, "items": items });
    let key = fresh_key();
    let first = town
        .staff
        .post_with_key("/redemption-uploads", upload.clone(), &key)
        .await
        .expect_status(200)
        .unwrap();
    let told = first.body["items"].as_array().unwrap();
    let results: Vec<_> = told
        .iter()
        .map(|item| item["result"].as_str().unwrap())
        .collect();
    assert_eq!(
        results,
        ["accepted", "disputed", "malformed"],
        "{}",
        first.body
    );
    assert_eq!(
        (&told[0]["amountFen"], &told[0]["copayFen"]),
        (&json!(1_500), &json!(300))
    );
    assert_eq!(
        (&told[1]["reason"], &told[2]["field"]),
        (&json!("already_redeemed"), &json!("code"))
    );
    let again = town
        .staff
        .post_with_key("/redemption-uploads", upload.clone(), &key)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(again.body, first.body);
    let other = town
        .staff
        .post_once("/redemption-uploads", upload.clone())
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(other.body, first.body, "the scan ids decide");

    let id = told[1]["disputeId"].as_str().unwrap();
    let queue = format!(
        "/admin/disputed-scans?status=open&stationId={}&limit=100",
        town.station
    );
    let queue = town.cadre.get(&queue).await.expect_status(200).unwrap();
    let mine = queue.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == id)
        .unwrap();
    assert!(
        mine.get("code").is_none() && mine["amountFen"] == 1_500 && mine["dueAt"].is_string(),
        "{mine}"
    );
    town.cadre
        .get("/admin/disputed-scans?status=x")
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let resolution = format!("/admin/disputed-scans/{id}/resolution");
    let resolve = async |how: &str| {
        let revision = town.cadre.revision("/admin/disputed-scans", id).await;
        let word = json!({ "resolution": how, "reason": "与驿站核实无误", "revision": revision });
        town.cadre.post(&resolution, word).await
    };
    resolve("x")
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    resolve("retry")
        .await
        .expect_problem(409, "still_disputed")
        .unwrap();
    assert_eq!(
        resolve("honour")
            .await
            .expect_status(200)
            .unwrap()
            .text("status")
            .unwrap(),
        "honoured"
    );
    resolve("reject")
        .await
        .expect_problem(409, "dispute_resolved")
        .unwrap();
    town.balanced(&batch).await.unwrap();

    let many: Vec<_> = (0..201)
        .map(|n| json!({ "scanId": format!("s{n}"), "code": "x", "scannedAt": now }))
        .collect();
    let many = json!({ "stationId": town.station, "deviceId": name, "items": many });
    town.staff
        .post_once("/redemption-uploads", many)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let unknown = json!({ "stationId": town.station, "deviceId": people::token(), "items": [] });
    let unknown = town.staff.post_once("/redemption-uploads", unknown).await;
    unknown
        .expect_problem(409, "station_device_unknown")
        .unwrap();
}
