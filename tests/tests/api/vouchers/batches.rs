//! Batches: made by one cadre, started by another, changed in words.

use niangjia_domain::kernel::id::VoucherId;
use niangjia_tests::{demo_town::DemoTown, eventually::eventually_so, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn a_batch_is_made_by_one_cadre_and_started_by_another(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let path = "/admin/voucher-batches";
    let mut wrong = town.draft();
    (wrong["quota"], wrong["meals"][0]["to"]) = (json!(0), json!("25:00"));
    let refused = town
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
    let mut surplus = town.draft();
    surplus["colour"] = json!("red");
    town.cadre
        .post(path, surplus)
        .await
        .expect_status(422)
        .unwrap();

    let draft = town
        .cadre
        .post(path, town.draft())
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
    town.checker
        .post(&decisions, approve.clone())
        .await
        .expect_problem(409, "batch_state_conflict")
        .unwrap();
    town.cadre
        .post(&submission, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    town.cadre
        .post(&decisions, approve.clone())
        .await
        .expect_problem(409, "same_person")
        .unwrap();
    let back = json!({ "decision": "return", "reason": "请核对时段" });
    let returned = town
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
    let mut mended = town.draft();
    mended["quota"] = json!(5);
    town.cadre
        .put(&format!("{path}/{id}"), mended)
        .await
        .expect_status(200)
        .unwrap();
    town.cadre
        .post(&submission, json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let running = town
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
        let after = town
            .cadre
            .post(&format!("{path}/{id}/{call}"), json!({}))
            .await
            .expect_status(200)
            .unwrap();
        assert_eq!(after.text("status").unwrap(), status);
    }
    let listed = town
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
    town.cadre
        .get(&format!("{path}?status=gone"))
        .await
        .expect_status(422)
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn the_budget_is_changed_in_words(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    town.holder(&batch).await.unwrap();
    let path = format!("/admin/voucher-batches/{batch}/budget");
    let change = async |current, target| {
        town.cadre
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
    let late = town.provisional_member().await.unwrap().0;
    town.claim(&late, &batch)
        .await
        .expect_problem(409, "batch_exhausted")
        .unwrap();
    let more = change(1_500, 3_000).await.expect_status(200).unwrap();
    assert_eq!(
        (&more.body["budgetFen"], &more.body["freeFen"]),
        (&json!(3_000), &json!(1_500))
    );
    // That nothing is left is believed for a second.
    eventually_so("there is room again", async || {
        town.claim(&late, &batch).await.status == 201
    })
    .await;
    let used = change(3_000, 1_500)
        .await
        .expect_problem(409, "budget_below_used")
        .unwrap();
    assert_eq!(used.body["usedFen"], 3_000);
    town.balanced(&batch).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn rules_that_contradict_each_other_name_their_field(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let absent = VoucherId::from_uuid(uuid::Uuid::nil())
        .to_string()
        .replacen("voucher", "stn", 1);
    for (pointer, value, field) in [
        ("/perPersonLimit", json!(11), "perPersonLimit"),
        ("/dailyQuota", json!(11), "dailyQuota"),
        (
            "/stationIds",
            json!([town.station, absent]),
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
        let mut draft = town.draft();
        draft["dailyQuota"] = json!(null);
        *draft.pointer_mut(pointer).unwrap() = value;
        let refused = town.cadre.post("/admin/voucher-batches", draft).await;
        let refused = refused.expect_problem(422, "invalid_fields").unwrap();
        assert_eq!(
            refused.body["errors"][0]["field"], field,
            "{}",
            refused.body
        );
    }
}
