//! A voucher in its holder's hands.

use niangjia_domain::{
    kernel::{Clock, id::VoucherId},
    vouchers::codes::code::{CodeSecret, CodeStep},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{client::fresh_key, demo_town::DemoTown, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn a_voucher_is_claimed_shown_scanned_and_given_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    let worker = town.provisional_member().await.unwrap().0;
    let offers = worker
        .get("/voucher-batches?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    let offer = offers.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|offer| offer["id"] == batch.as_str())
        .unwrap();
    assert_eq!(
        (&offer["available"], &offer["missing"]),
        (&json!(true), &json!([]))
    );

    let (path, key) = (format!("/voucher-batches/{batch}/claims"), fresh_key());
    worker
        .post(&path, json!({}))
        .await
        .expect_problem(400, "idempotency_key_missing")
        .unwrap();
    let voucher = worker
        .post_with_key(&path, json!({}), &key)
        .await
        .expect_status(201)
        .unwrap();
    let again = worker
        .post_with_key(&path, json!({}), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (again.header("idempotency-replayed"), &again.body),
        (Some("true"), &voucher.body)
    );
    town.claim(&worker, &batch)
        .await
        .expect_problem(409, "person_limit_reached")
        .unwrap();
    let id = voucher.id().unwrap();
    assert_eq!(
        (&voucher.body["status"], &voucher.body["batch"]["id"]),
        (&json!("issued"), &json!(batch))
    );
    let mine = worker
        .get("/me/vouchers?status=issued")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(mine.body["items"][0]["id"], id);

    let code = town.code(&worker, id).await.unwrap();
    let mut scan = town.scan_of(code.text("payload").unwrap());
    scan["priceFen"] = json!(1_800);
    let key = fresh_key();
    let accepted = town
        .staff
        .post_with_key("/redemptions", scan.clone(), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (&accepted.body["result"], &accepted.body["amountFen"]),
        (&json!("accepted"), &json!(1_500))
    );
    assert_eq!(
        (&accepted.body["copayFen"], &accepted.body["voucherId"]),
        (&json!(300), &json!(id))
    );
    assert!(
        accepted.body["holder"]["nameMasked"]
            .as_str()
            .unwrap()
            .ends_with('*')
    );
    let same = town
        .staff
        .post_with_key("/redemptions", scan.clone(), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (same.header("idempotency-replayed"), &same.body),
        (Some("true"), &accepted.body)
    );
    let other_body = town.scan_of("12345678");
    town.staff
        .post_with_key("/redemptions", other_body, &key)
        .await
        .expect_problem(422, "idempotency_key_reused")
        .unwrap();

    let key = fresh_key();
    for replayed in [None, Some("true")] {
        let second = town
            .staff
            .post_with_key("/redemptions", scan.clone(), &key)
            .await;
        let second = second.expect_problem(409, "already_redeemed").unwrap();
        assert_eq!(second.header("idempotency-replayed"), replayed);
        assert_eq!(second.body["usedAt"], accepted.body["acceptedAt"]);
        assert!(
            second
                .text("detail")
                .unwrap()
                .contains(second.text("stationName").unwrap())
        );
    }
    let redemption = accepted.id().unwrap();
    let annulment = format!("/redemptions/{redemption}/annulment");
    town.staff
        .post(&annulment, json!({ "reason": "" }))
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let reason = json!({ "reason": "扫错了人" });
    town.staff
        .post(&annulment, reason.clone())
        .await
        .expect_status(200)
        .unwrap();
    town.staff
        .post(&annulment, reason)
        .await
        .expect_problem(409, "already_annulled")
        .unwrap();
    let back = worker
        .get(&format!("/vouchers/{id}"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(back.text("status").unwrap(), "issued");
    town.staff
        .post_once("/redemptions", scan)
        .await
        .expect_problem(422, "code_replayed")
        .unwrap();
    let day = town
        .staff
        .get(&format!("/stations/{}/redemptions?limit=100", town.station))
        .await;
    let day = day.expect_status(200).unwrap();
    let line = day.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["id"] == redemption)
        .unwrap()
        .clone();
    assert_eq!(
        (&line["status"], &line["annulmentReason"]),
        (&json!("annulled"), &json!("扫错了人"))
    );
    let tally = town.balanced(&batch).await.unwrap();
    assert_eq!(
        (&tally["live"], &tally["reservedFen"], &tally["spentFen"]),
        (&json!(1), &json!(1_500), &json!(0))
    );
}

#[rstest]
#[tokio::test]
async fn a_phone_makes_codes_by_itself(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    let (worker, voucher) = town.holder(&batch).await.unwrap();
    let path = format!("/vouchers/{voucher}/code-secret");
    let told = worker
        .post(&path, json!({ "deviceId": "phone-1" }))
        .await
        .expect_status(201)
        .unwrap();
    worker
        .post(&path, json!({ "deviceId": "phone-1" }))
        .await
        .expect_problem(409, "code_secret_delivered")
        .unwrap();
    let secret = CodeSecret::parse(told.text("secret").unwrap()).unwrap();
    let device = u16::try_from(told.body["deviceNo"].as_u64().unwrap()).unwrap();
    let id: VoucherId = voucher.parse().unwrap();
    let payload = CodeStep::at(id, device, SystemClock.now()).payload(&secret);
    town.staff
        .post_once("/redemptions", town.scan_of(&payload))
        .await
        .expect_status(201)
        .unwrap();
    town.balanced(&batch).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn who_has_signed_out_claims_nothing_with_a_token_that_still_runs(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    let worker = town.provisional_member().await.unwrap().0;
    worker
        .delete("/auth/session")
        .await
        .expect_status(204)
        .unwrap();
    town.claim(&worker, &batch)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    let nobody = town.stranger.with_token("forged");
    town.claim(&nobody, &batch)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    assert_eq!(town.balanced(&batch).await.unwrap()["issued"], 0);
}
