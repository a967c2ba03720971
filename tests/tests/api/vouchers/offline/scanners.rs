//! Scanners and their packs.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use niangjia_domain::{
    kernel::Clock,
    vouchers::offline::packs::verify::{OpenedPage, Taken, verdict},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{demo_town::DemoTown, people, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn a_scanner_is_enrolled_listed_and_revoked(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let path = format!("/stations/{}/devices", town.station);
    let name = format!("scanner-{}", people::token());
    let enrolled = town
        .staff
        .post(&path, json!({ "deviceId": name }))
        .await
        .expect_status(201)
        .unwrap();
    let again = town
        .staff
        .post(&path, json!({ "deviceId": name }))
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(again.body, enrolled.body);
    let id = enrolled.id().unwrap();
    let listed = town
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
        let refused = town.staff.post(&path, json!({ "deviceId": bad })).await;
        refused.expect_problem(422, "invalid_fields").unwrap();
    }
    let revocation = format!("/station-devices/{id}/revocation");
    town.staff
        .post(&revocation, json!({ "reason": "" }))
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let revoked = town
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
    town.staff
        .post(&revocation, json!({ "reason": "手机丢失" }))
        .await
        .expect_problem(403, "device_revoked")
        .unwrap();
    let back = town.staff.post(&path, json!({ "deviceId": name })).await;
    back.expect_problem(403, "device_revoked").unwrap();
    let write_off = format!("/station-devices/{id}/write-off");
    let nothing = town
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
    let town = DemoTown::shared(kind).await;
    let (worker, voucher) = town
        .holder(&town.running(town.draft()).await.unwrap())
        .await
        .unwrap();
    let code = town.code(&worker, &voucher).await.unwrap();
    let name = format!("scanner-{}", people::token());
    let path = format!("/stations/{}/scan-pack", town.station);
    town.staff
        .get(&path)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let asked = format!("{path}?deviceId={name}");
    town.staff
        .get(&asked)
        .await
        .expect_problem(409, "station_device_unknown")
        .unwrap();
    let enrolment = json!({ "deviceId": name });
    town.staff
        .post(&format!("/stations/{}/devices", town.station), enrolment)
        .await
        .expect_status(201)
        .unwrap();
    let pack = town.staff.get(&asked).await.expect_status(200).unwrap();
    let key = town
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
    let page = OpenedPage::open(document, is_signed, town.station.parse().unwrap(), &name).unwrap();
    let code = code.text("payload").unwrap();
    let served = verdict(&[page], &Taken::default(), code, None, SystemClock.now()).unwrap();
    assert_eq!(served.voucher_id.to_string(), voucher);
    assert!(pack.body["nextCursor"].is_null());
    town.staff
        .get(&format!("{asked}&cursor=x"))
        .await
        .expect_problem(400, "cursor_invalid")
        .unwrap();
}
