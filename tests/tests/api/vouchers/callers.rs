//! Who is turned away.

use niangjia_tests::{client::fresh_key, demo_town::DemoTown, servers::database::Kind};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn strangers_other_holders_and_other_roles_are_turned_away(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let batch = town.running(town.draft()).await.unwrap();
    let (worker, voucher) = town.holder(&batch).await.unwrap();
    let other = town.provisional_member().await.unwrap().0;
    for path in [
        format!("/vouchers/{voucher}"),
        format!("/vouchers/{voucher}/code"),
    ] {
        town.stranger
            .get(&path)
            .await
            .expect_problem(401, "unauthenticated")
            .unwrap();
        other
            .get(&path)
            .await
            .expect_problem(404, "not_found")
            .unwrap();
        town.cadre
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
    let code = town.code(&worker, &voucher).await.unwrap();
    let scan = town.scan_of(code.text("payload").unwrap());
    worker
        .post_once("/redemptions", scan.clone())
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    let stations = town
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
        .find(|id| *id != town.station.as_str())
        .unwrap();
    let mut there = scan.clone();
    there["stationId"] = elsewhere.clone();
    town.staff
        .post_once("/redemptions", there)
        .await
        .expect_problem(403, "staff_not_bound")
        .unwrap();
    let day = format!("/stations/{}/redemptions", elsewhere.as_str().unwrap());
    town.staff
        .get(&day)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    worker
        .get(&format!("/stations/{}/redemptions", town.station))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    worker
        .post("/admin/voucher-batches", town.draft())
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    worker
        .get("/admin/voucher-batches")
        .await
        .expect_problem(403, "forbidden")
        .unwrap();

    let lonely = town
        .stranger
        .wechat(&format!("dev:lonely-{}", fresh_key()))
        .await
        .unwrap();
    let refused = town
        .claim(&lonely, &batch)
        .await
        .expect_problem(403, "standing_insufficient")
        .unwrap();
    assert_eq!(refused.body["missing"][0]["condition"], "membership");
}
