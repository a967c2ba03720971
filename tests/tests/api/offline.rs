//! Stations without a network, over HTTP.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use niangjia_domain::{
    kernel::{Clock, values::local_time},
    vouchers::offline::packs::verify::{OpenedPage, Taken, verdict},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{client::fresh_key, database::Kind, lunch::Lunch, people, process::shared};
use rstest::rstest;
use serde_json::json;

async fn lunch(kind: Kind) -> Lunch {
    Lunch::at(&shared(kind).await.base).await
}

#[rstest]
#[tokio::test]
async fn a_scanner_is_enrolled_listed_and_revoked(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let path = format!("/stations/{}/devices", lunch.station);
    let name = format!("scanner-{}", people::token());
    let enrolled = lunch
        .staff
        .post(&path, json!({ "deviceId": name }))
        .await
        .expect_status(201)
        .unwrap();
    let again = lunch
        .staff
        .post(&path, json!({ "deviceId": name }))
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(again.body, enrolled.body);
    let id = enrolled.id().unwrap();
    let listed = lunch
        .cadre
        .get(&format!("{path}?limit=100"))
        .await
        .expect_status(200)
        .unwrap();
    let mine = listed.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == id)
        .unwrap();
    assert_eq!(
        (&mine["deviceId"], &mine["status"]),
        (&json!(name), &json!("active"))
    );
    for bad in ["", "a\u{0}b", &"长".repeat(65)] {
        let refused = lunch.staff.post(&path, json!({ "deviceId": bad })).await;
        refused.expect_problem(422, "invalid_fields").unwrap();
    }
    let revocation = format!("/station-devices/{id}/revocation");
    lunch
        .staff
        .post(&revocation, json!({ "reason": "" }))
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let revoked = lunch
        .cadre
        .post(&revocation, json!({ "reason": "手机丢失" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            revoked.text("status").unwrap(),
            revoked.text("revocationReason").unwrap()
        ),
        ("revoked", "手机丢失")
    );
    lunch
        .staff
        .post(&revocation, json!({ "reason": "手机丢失" }))
        .await
        .expect_problem(403, "device_revoked")
        .unwrap();
    let back = lunch.staff.post(&path, json!({ "deviceId": name })).await;
    back.expect_problem(403, "device_revoked").unwrap();
    let write_off = format!("/station-devices/{id}/write-off");
    let nothing = lunch
        .cadre
        .post(&write_off, json!({ "reason": "设备已损坏" }))
        .await;
    nothing.expect_problem(409, "nothing_owed").unwrap();
}

#[rstest]
#[tokio::test]
async fn an_enrolled_scanner_gets_a_signed_pack_of_today(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let (worker, voucher) = lunch.holder(&lunch.running(lunch.draft()).await).await;
    let code = lunch.code(&worker, &voucher).await;
    let name = format!("scanner-{}", people::token());
    let path = format!("/stations/{}/scan-pack", lunch.station);
    lunch
        .staff
        .get(&path)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let asked = format!("{path}?deviceId={name}");
    lunch
        .staff
        .get(&asked)
        .await
        .expect_problem(409, "station_device_unknown")
        .unwrap();
    let enrolment = json!({ "deviceId": name });
    lunch
        .staff
        .post(&format!("/stations/{}/devices", lunch.station), enrolment)
        .await
        .expect_status(201)
        .unwrap();
    let pack = lunch.staff.get(&asked).await.expect_status(200).unwrap();
    let key = lunch
        .stranger
        .get("/scan-pack-key")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (key.text("algorithm").unwrap(), &key.body["keyId"]),
        ("Ed25519", &pack.body["keyId"])
    );

    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let public = UnparsedPublicKey::new(&ED25519, bytes(key.text("publicKey").unwrap()));
    let signature = bytes(pack.text("signature").unwrap());
    let is_signed = |document: &[u8]| public.verify(document, &signature).is_ok();
    let document = pack.text("document").unwrap();
    let page =
        OpenedPage::open(document, is_signed, lunch.station.parse().unwrap(), &name).unwrap();
    let code = code.text("payload").unwrap();
    let served = verdict(&[page], &Taken::default(), code, None, SystemClock.now()).unwrap();
    assert_eq!(served.voucher_id.to_string(), voucher);
    assert!(pack.body["nextCursor"].is_null());
    lunch
        .staff
        .get(&format!("{asked}&cursor=x"))
        .await
        .expect_problem(400, "cursor_invalid")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn offline_scans_are_uploaded_and_disputes_resolved(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    let name = format!("scanner-{}", people::token());
    let devices = format!("/stations/{}/devices", lunch.station);
    lunch
        .staff
        .post(&devices, json!({ "deviceId": name }))
        .await
        .expect_status(201)
        .unwrap();
    let pack = format!("/stations/{}/scan-pack?deviceId={name}", lunch.station);
    lunch.staff.get(&pack).await.expect_status(200).unwrap();
    let now = local_time::rfc3339(SystemClock.now());
    let mut items = vec![];
    for _ in 0..2 {
        let (worker, voucher) = lunch.holder(&batch).await;
        let code = lunch.code(&worker, &voucher).await;
        let scan = people::token();
        items.push(
            json!({ "scanId": scan, "code": code.text("payload").unwrap(), "scannedAt": now, "priceFen": 1_800 }),
        );
    }
    let online =
        json!({ "code": items[1]["code"], "stationId": lunch.station, "deviceId": "till" });
    lunch
        .staff
        .post_once("/redemptions", online)
        .await
        .expect_status(201)
        .unwrap();
    items.push(json!({ "scanId": people::token(), "code": "12345678", "scannedAt": now }));
    let upload = json!({ "stationId": lunch.station, "deviceId": name, "syncedThrough": now, "items": items });
    let key = fresh_key();
    let first = lunch
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
    let again = lunch
        .staff
        .post_with_key("/redemption-uploads", upload.clone(), &key)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(again.body, first.body);
    let other = lunch
        .staff
        .post_once("/redemption-uploads", upload.clone())
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(other.body, first.body, "the scan ids decide");

    let id = told[1]["disputeId"].as_str().unwrap();
    let queue = format!(
        "/admin/disputed-scans?status=open&stationId={}&limit=100",
        lunch.station
    );
    let queue = lunch.cadre.get(&queue).await.expect_status(200).unwrap();
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
    lunch
        .cadre
        .get("/admin/disputed-scans?status=x")
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let resolution = format!("/admin/disputed-scans/{id}/resolution");
    let resolve = async |how: &str| {
        let revision = lunch.cadre.revision("/admin/disputed-scans", &id).await;
        let word = json!({ "resolution": how, "reason": "与驿站核实无误", "revision": revision });
        lunch.cadre.post(&resolution, word).await
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
    lunch.balanced(&batch).await;

    let many: Vec<_> = (0..201)
        .map(|n| json!({ "scanId": format!("s{n}"), "code": "x", "scannedAt": now }))
        .collect();
    let many = json!({ "stationId": lunch.station, "deviceId": name, "items": many });
    lunch
        .staff
        .post_once("/redemption-uploads", many)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let unknown = json!({ "stationId": lunch.station, "deviceId": people::token(), "items": [] });
    let unknown = lunch.staff.post_once("/redemption-uploads", unknown).await;
    unknown
        .expect_problem(409, "station_device_unknown")
        .unwrap();
}
