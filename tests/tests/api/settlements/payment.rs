//! A station's sheet from opening to payment.

use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{demo_town::DemoTown, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

use super::{Counter, step};

#[rstest]
#[tokio::test]
async fn a_station_is_paid_to_the_fen(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let counter = Counter::open(kind).await;
    let DemoTown {
        cadre,
        checker,
        staff,
        station,
        ..
    } = &counter.town;
    let meals = counter.eaten_yesterday(3).await;
    let id = counter.open_sheet().await;
    let overlap =
        json!({ "stationId": station, "from": counter.yesterday(), "to": counter.yesterday() });
    cadre
        .post("/admin/settlements", overlap)
        .await
        .expect_problem(409, "settlement_period_taken")
        .unwrap();
    let export = format!("/admin/settlements/{id}.csv");
    cadre
        .get(&export)
        .await
        .expect_problem(409, "settlement_not_frozen")
        .unwrap();
    let frozen = step(cadre, &id, "freeze", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let sheet = &frozen.body["sheet"];
    assert_eq!(
        (&sheet["lines"], &sheet["totalFen"]),
        (&json!(3), &json!(4_500))
    );
    let late = json!({ "reason": "扫错了" });
    let late = staff
        .post(&format!("/redemptions/{}/annulment", meals[0]), late)
        .await;
    late.expect_problem(409, "already_settled").unwrap();

    let seen = staff
        .get(&format!("/stations/{station}/settlements"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(seen.body["items"][0]["sheet"], *sheet);
    let lines = staff
        .get(&format!("/admin/settlements/{id}/lines?limit=2"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            &lines.body["items"][1]["no"],
            &lines.body["items"][1]["amountFen"]
        ),
        (&json!(2), &json!(1_500))
    );
    let cursor = lines.text("nextCursor").unwrap();
    let rest = staff
        .get(&format!(
            "/admin/settlements/{id}/lines?limit=2&cursor={cursor}"
        ))
        .await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 1);
    let found = counter.checked_export(staff, &id).await;
    assert_eq!(
        (&found["hash"], &found["totalFen"]),
        (&sheet["hash"], &sheet["totalFen"])
    );

    let disputed = step(staff, &id, "dispute", json!({ "reason": "少了一笔" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            disputed.text("status").unwrap(),
            disputed.text("reason").unwrap()
        ),
        ("open", "少了一笔")
    );
    let again = step(cadre, &id, "freeze", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(again.body["sheet"]["hash"], sheet["hash"]);
    let wrong = json!({ "hash": "0000" });
    step(staff, &id, "confirmation", wrong)
        .await
        .expect_problem(409, "settlement_other_sheet")
        .unwrap();
    step(cadre, &id, "confirmation", json!({}))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    step(staff, &id, "confirmation", json!({ "hash": sheet["hash"] }))
        .await
        .expect_status(200)
        .unwrap();
    let approve = json!({ "decision": "approve" });
    step(cadre, &id, "decisions", approve.clone())
        .await
        .expect_problem(409, "same_person")
        .unwrap();
    step(checker, &id, "decisions", json!({ "decision": "return" }))
        .await
        .expect_status(422)
        .unwrap();
    step(checker, &id, "decisions", approve)
        .await
        .expect_status(200)
        .unwrap();
    step(cadre, &id, "closure", json!({}))
        .await
        .expect_problem(409, "settlement_state_conflict")
        .unwrap();
    let paid = step(cadre, &id, "payment", json!({ "reference": "2026-07-001" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(paid.body["paymentReference"], "2026-07-001");
    let closed = step(cadre, &id, "closure", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(closed.body["status"], "closed");
    step(cadre, &id, "cancellation", json!({ "reason": "作废" }))
        .await
        .expect_status(409)
        .unwrap();

    let adjustment = format!("/admin/redemptions/{}/adjustment", meals[0]);
    let taken_back = cadre
        .post(&adjustment, json!({ "reason": "=HYPERLINK(1)" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(taken_back.body["amountFen"], -1_500);
    cadre
        .post(&adjustment, json!({ "reason": "重复收款" }))
        .await
        .expect_problem(409, "already_adjusted")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn wrong_periods_are_refused_with_the_field(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counter = Counter::open(kind).await;
    let station = &counter.town.station;
    for (from, to, status) in [
        ("2026-06-30", "2026-06-01", 422),
        ("2026-01-01", "2026-12-31", 422),
        ("9999-12-30", "9999-12-31", 422),
        ("2026-02-30", "2026-03-01", 422),
        ("tomorrow", "2026-03-01", 422),
    ] {
        let body = json!({ "stationId": station, "from": from, "to": to });
        counter
            .town
            .cadre
            .post("/admin/settlements", body)
            .await
            .expect_status(status)
            .unwrap();
    }
    let surplus =
        json!({ "stationId": station, "from": "2026-06-01", "to": "2026-06-01", "colour": "red" });
    counter
        .town
        .cadre
        .post("/admin/settlements", surplus)
        .await
        .expect_status(422)
        .unwrap();
    for query in ["status=gone", "stationId=nonsense"] {
        counter
            .town
            .cadre
            .get(&format!("/admin/settlements?{query}"))
            .await
            .expect_status(422)
            .unwrap();
    }
    let today = local_time::date_of(SystemClock.now());
    let body = json!({ "stationId": station, "from": today, "to": today });
    let open = counter
        .town
        .cadre
        .post("/admin/settlements", body)
        .await
        .expect_status(201)
        .unwrap();
    let early = step(&counter.town.cadre, open.id().unwrap(), "freeze", json!({})).await;
    early
        .expect_problem(409, "settlement_period_not_over")
        .unwrap();
}
