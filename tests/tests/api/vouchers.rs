//! The vouchers API, as phones, scanners and desks use it.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, id::VoucherId, values::local_time},
    vouchers::codes::code::{CodeSecret, CodeStep},
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{client::fresh_key, database::Kind, lunch::Lunch, process::shared};
use rstest::rstest;
use serde_json::json;

async fn lunch(kind: Kind) -> Lunch {
    Lunch::at(&shared(kind).await.base).await
}

#[rstest]
#[tokio::test]
async fn a_batch_is_made_by_one_cadre_and_started_by_another(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let path = "/admin/voucher-batches";
    let mut wrong = lunch.draft();
    (wrong["quota"], wrong["meals"][0]["to"]) = (json!(0), json!("25:00"));
    let refused = lunch
        .cadre
        .post(path, wrong)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let fields: Vec<_> = refused.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].clone())
        .collect();
    assert_eq!(fields, ["quota", "meals[0].from"]);
    let mut surplus = lunch.draft();
    surplus["colour"] = json!("red");
    lunch
        .cadre
        .post(path, surplus)
        .await
        .expect_status(422)
        .unwrap();

    let draft = lunch
        .cadre
        .post(path, lunch.draft())
        .await
        .expect_status(201)
        .unwrap();
    let id = draft.id().unwrap();
    assert_eq!(
        draft.header("location"),
        Some(format!("/api/v1{path}/{id}").as_str())
    );
    assert_eq!(
        (&draft.body["status"], &draft.body["freeFen"]),
        (&json!("draft"), &json!(15_000))
    );
    let (submission, decisions) = (
        format!("{path}/{id}/submission"),
        format!("{path}/{id}/decisions"),
    );
    let approve = json!({ "decision": "approve" });
    lunch
        .checker
        .post(&decisions, approve.clone())
        .await
        .expect_problem(409, "batch_state_conflict")
        .unwrap();
    lunch
        .cadre
        .post(&submission, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    lunch
        .cadre
        .post(&decisions, approve.clone())
        .await
        .expect_problem(409, "same_person")
        .unwrap();
    let back = json!({ "decision": "return", "reason": "请核对时段" });
    let returned = lunch
        .checker
        .post(&decisions, back)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            returned.text("status").unwrap(),
            returned.text("reason").unwrap()
        ),
        ("draft", "请核对时段")
    );
    let mut mended = lunch.draft();
    mended["quota"] = json!(5);
    lunch
        .cadre
        .put(&format!("{path}/{id}"), mended)
        .await
        .expect_status(200)
        .unwrap();
    lunch
        .cadre
        .post(&submission, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let running = lunch
        .checker
        .post(&decisions, approve)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (&running.body["status"], &running.body["quota"]),
        (&json!("running"), &json!(5))
    );
    for (call, status) in [
        ("pause", "paused"),
        ("resume", "running"),
        ("stop", "stopped"),
    ] {
        let after = lunch
            .cadre
            .post(&format!("{path}/{id}/{call}"), json!({}))
            .await
            .expect_status(200)
            .unwrap();
        assert_eq!(after.text("status").unwrap(), status);
    }
    let listed = lunch
        .cadre
        .get(&format!("{path}?status=stopped&limit=100"))
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        listed.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|batch| batch["id"] == id)
    );
    lunch
        .cadre
        .get(&format!("{path}?status=gone"))
        .await
        .expect_status(422)
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_voucher_is_claimed_shown_scanned_and_given_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    let worker = lunch.member().await;
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
    lunch
        .claim(&worker, &batch)
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

    let code = lunch.code(&worker, id).await;
    let mut scan = lunch.scan_of(code.text("payload").unwrap());
    scan["priceFen"] = json!(1_800);
    let key = fresh_key();
    let accepted = lunch
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
    let same = lunch
        .staff
        .post_with_key("/redemptions", scan.clone(), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (same.header("idempotency-replayed"), &same.body),
        (Some("true"), &accepted.body)
    );
    let other_body = lunch.scan_of("12345678");
    lunch
        .staff
        .post_with_key("/redemptions", other_body, &key)
        .await
        .expect_problem(422, "idempotency_key_reused")
        .unwrap();

    let key = fresh_key();
    for replayed in [None, Some("true")] {
        let second = lunch
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
    lunch
        .staff
        .post(&annulment, json!({ "reason": "" }))
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let reason = json!({ "reason": "扫错了人" });
    lunch
        .staff
        .post(&annulment, reason.clone())
        .await
        .expect_status(200)
        .unwrap();
    lunch
        .staff
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
    lunch
        .staff
        .post_once("/redemptions", scan)
        .await
        .expect_problem(422, "code_replayed")
        .unwrap();
    let day = lunch
        .staff
        .get(&format!(
            "/stations/{}/redemptions?limit=100",
            lunch.station
        ))
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
    let tally = lunch.balanced(&batch).await;
    assert_eq!(
        (&tally["live"], &tally["reservedFen"], &tally["spentFen"]),
        (&json!(1), &json!(1_500), &json!(0))
    );
}

#[rstest]
#[tokio::test]
async fn a_phone_makes_codes_by_itself(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    let (worker, voucher) = lunch.holder(&batch).await;
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
    lunch
        .staff
        .post_once("/redemptions", lunch.scan_of(&payload))
        .await
        .expect_status(201)
        .unwrap();
    lunch.balanced(&batch).await;
}

#[rstest]
#[tokio::test]
async fn strangers_other_holders_and_other_roles_are_turned_away(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    let (worker, voucher) = lunch.holder(&batch).await;
    let other = lunch.member().await;
    for path in [
        format!("/vouchers/{voucher}"),
        format!("/vouchers/{voucher}/code"),
    ] {
        lunch
            .stranger
            .get(&path)
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
        other
            .get(&path)
            .await
            .expect_problem(404, "not_found")
            .unwrap();
        lunch
            .cadre
            .get(&path)
            .await
            .expect_problem(404, "not_found")
            .unwrap();
    }
    let secret = json!({ "deviceId": "phone-1" });
    other
        .post(&format!("/vouchers/{voucher}/code-secret"), secret)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    let code = lunch.code(&worker, &voucher).await;
    let scan = lunch.scan_of(code.text("payload").unwrap());
    worker
        .post_once("/redemptions", scan.clone())
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    let stations = lunch
        .stranger
        .get("/stations?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    let ids = stations.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|station| station["id"].clone());
    let elsewhere = ids
        .into_iter()
        .find(|id| *id != lunch.station.as_str())
        .unwrap();
    let mut there = scan.clone();
    there["stationId"] = elsewhere.clone();
    lunch
        .staff
        .post_once("/redemptions", there)
        .await
        .expect_problem(403, "staff_not_bound")
        .unwrap();
    let day = format!("/stations/{}/redemptions", elsewhere.as_str().unwrap());
    lunch
        .staff
        .get(&day)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    worker
        .get(&format!("/stations/{}/redemptions", lunch.station))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    worker
        .post("/admin/voucher-batches", lunch.draft())
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    worker
        .get("/admin/voucher-batches")
        .await
        .expect_problem(403, "forbidden")
        .unwrap();

    let lonely = lunch
        .stranger
        .wechat(&format!("dev:lonely-{}", fresh_key()))
        .await
        .unwrap();
    let refused = lunch
        .claim(&lonely, &batch)
        .await
        .expect_problem(403, "standing_insufficient")
        .unwrap();
    assert_eq!(refused.body["missing"][0]["condition"], "membership");
}

#[rstest]
#[tokio::test]
async fn quota_and_codes_are_refused_in_words(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    lunch.holder(&batch).await;
    let path = format!("/admin/voucher-batches/{batch}/quota");
    let change = async |current, target| {
        lunch
            .cadre
            .put(&path, json!({ "current": current, "target": target }))
            .await
    };
    let changed = change(9, 20)
        .await
        .expect_problem(409, "quota_changed")
        .unwrap();
    assert_eq!(changed.body["current"], 10);
    change(10, 0)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    let fewer = change(10, 1).await.expect_status(200).unwrap();
    assert_eq!(fewer.body["quota"], 1);
    let late = lunch.member().await;
    lunch
        .claim(&late, &batch)
        .await
        .expect_problem(409, "batch_exhausted")
        .unwrap();
    for code in ["", "NJ1.x", "'; DROP TABLE vouchers; --", "\u{0}"] {
        lunch
            .staff
            .post_once("/redemptions", lunch.scan_of(code))
            .await
            .expect_problem(422, "invalid_code")
            .unwrap();
    }
    let mut skewed = lunch.scan_of("NJ1.x");
    skewed["scannedAt"] = json!("2020-01-01T12:00:00+08:00");
    lunch
        .staff
        .post_once("/redemptions", skewed)
        .await
        .expect_problem(422, "clock_skew")
        .unwrap();
    let mut cheap = lunch.scan_of("NJ1.x");
    cheap["priceFen"] = json!(-1);
    lunch
        .staff
        .post_once("/redemptions", cheap)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn the_budget_is_changed_in_words(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    lunch.holder(&batch).await;
    let path = format!("/admin/voucher-batches/{batch}/budget");
    let change = async |current, target| {
        lunch
            .cadre
            .put(&path, json!({ "current": current, "target": target }))
            .await
    };
    let changed = change(14_000, 20_000)
        .await
        .expect_problem(409, "budget_changed")
        .unwrap();
    assert_eq!(changed.body["current"], 15_000);
    change(15_000, 1_499)
        .await
        .expect_problem(422, "invalid_fields")
        .unwrap();
    change(15_000, 1_500).await.expect_status(200).unwrap();
    let late = lunch.member().await;
    lunch
        .claim(&late, &batch)
        .await
        .expect_problem(409, "batch_exhausted")
        .unwrap();
    let more = change(1_500, 3_000).await.expect_status(200).unwrap();
    assert_eq!(
        (&more.body["budgetFen"], &more.body["freeFen"]),
        (&json!(3_000), &json!(1_500))
    );
    // That nothing is left is believed for a second.
    let mut tries = 0;
    while lunch.claim(&late, &batch).await.status != 201 {
        tries += 1;
        assert!(tries < 50, "there is room again");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let used = change(3_000, 1_500)
        .await
        .expect_problem(409, "budget_below_used")
        .unwrap();
    assert_eq!(used.body["usedFen"], 3_000);
    lunch.balanced(&batch).await;
}

#[rstest]
#[tokio::test]
async fn a_batch_is_closed_when_everything_is_settled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    let path = format!("/admin/voucher-batches/{batch}");
    let closure = format!("{path}/closure");
    lunch
        .cadre
        .post(&closure, json!({}))
        .await
        .expect_problem(409, "batch_state_conflict")
        .unwrap();
    lunch.holder(&batch).await;
    lunch
        .cadre
        .post(&format!("{path}/stop"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let refused = lunch
        .cadre
        .post(&closure, json!({}))
        .await
        .expect_problem(409, "batch_unfinished")
        .unwrap();
    assert_eq!(
        (&refused.body["live"], &refused.body["reservedFen"]),
        (&json!(1), &json!(1_500))
    );

    let unused = lunch.running(lunch.draft()).await;
    let path = format!("/admin/voucher-batches/{unused}");
    lunch
        .cadre
        .post(&format!("{path}/stop"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let closed = lunch
        .cadre
        .post(&format!("{path}/closure"), json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(closed.text("status").unwrap(), "closed");
    for after in ["closure", "resume", "stop"] {
        lunch
            .cadre
            .post(&format!("{path}/{after}"), json!({}))
            .await
            .expect_problem(409, "batch_state_conflict")
            .unwrap();
    }
    let listed = lunch
        .cadre
        .get("/admin/voucher-batches?status=closed&limit=100")
        .await
        .expect_status(200)
        .unwrap();
    assert!(
        listed.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|batch| batch["id"] == unused.as_str())
    );
}

#[rstest]
#[tokio::test]
async fn rules_that_contradict_each_other_name_their_field(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let absent = VoucherId::from_uuid(uuid::Uuid::nil())
        .to_string()
        .replacen("voucher", "stn", 1);
    for (pointer, value, field) in [
        ("/perPersonLimit", json!(11), "perPersonLimit"),
        ("/dailyQuota", json!(11), "dailyQuota"),
        (
            "/stationIds",
            json!([lunch.station, absent]),
            "stationIds[1]",
        ),
        (
            "/eligibility/districts",
            json!(["370812"]),
            "eligibility.districts[0]",
        ),
        (
            "/eligibility/occupations",
            json!(["astronaut"]),
            "eligibility.occupations",
        ),
        (
            "/eligibility/standings",
            json!(["active", "active"]),
            "eligibility.standings",
        ),
    ] {
        let mut draft = lunch.draft();
        draft["dailyQuota"] = json!(null);
        *draft.pointer_mut(pointer).unwrap() = value;
        let refused = lunch.cadre.post("/admin/voucher-batches", draft).await;
        let refused = refused.expect_problem(422, "invalid_fields").unwrap();
        assert_eq!(
            refused.body["errors"][0]["field"], field,
            "{}",
            refused.body
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_batch_that_opens_later_says_when(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let lunch = lunch(kind).await;
    let mut draft = lunch.draft();
    draft["claimsFrom"] = draft["validTo"].clone();
    let late = lunch
        .cadre
        .post("/admin/voucher-batches", draft.clone())
        .await
        .expect_problem(422, "invalid_fields");
    assert_eq!(late.unwrap().body["errors"][0]["field"], "claimsFrom");
    let opening = local_time::rfc3339(SystemClock.now() + TimeDelta::minutes(10));
    draft["claimsFrom"] = json!(opening);
    let batch = lunch.running(draft).await;
    let worker = lunch.member().await;
    for _ in 0..2 {
        let early = lunch
            .claim(&worker, &batch)
            .await
            .expect_problem(409, "batch_not_open_yet")
            .unwrap();
        let wait: u64 = early.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=600).contains(&wait), "{wait}");
        assert!(
            early
                .text("detail")
                .unwrap()
                .contains(&opening[..16].replace('T', " ")),
            "{}",
            early.body
        );
    }
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
        (&offer["available"], &offer["missing"][0]["condition"]),
        (&json!(false), &json!("not_open_yet"))
    );
    assert_eq!(offer["claimsFrom"].as_str().unwrap()[..16], opening[..16]);
}

#[rstest]
#[tokio::test]
async fn who_has_signed_out_claims_nothing_with_a_token_that_still_runs(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let lunch = lunch(kind).await;
    let batch = lunch.running(lunch.draft()).await;
    let worker = lunch.member().await;
    worker
        .delete("/auth/session")
        .await
        .expect_status(204)
        .unwrap();
    lunch
        .claim(&worker, &batch)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    let nobody = lunch.stranger.with_token("forged");
    lunch
        .claim(&nobody, &batch)
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
    assert_eq!(lunch.balanced(&batch).await["issued"], 0);
}
