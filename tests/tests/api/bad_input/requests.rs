//! Pages, keys, routes and ids that cannot be.

use niangjia_tests::client::fresh_key;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::worker;

#[rstest]
#[case("cursor=x", "cursor_invalid")]
#[case("cursor=", "cursor_invalid")]
#[case("cursor=AAAA", "cursor_invalid")]
#[case("cursor=%27%20OR%201=1", "cursor_invalid")]
#[case("limit=0", "limit_invalid")]
#[case("limit=101", "limit_invalid")]
#[case("limit=-1", "limit_invalid")]
#[case("limit=99999999999999999999", "limit_invalid")]
#[case("limit=ten", "limit_invalid")]
#[tokio::test]
async fn pages_that_cannot_be_are_bad_requests(#[case] query: &str, #[case] code: &str) {
    let worker = worker().await;
    for path in [
        "/wishes",
        "/me/wishes",
        "/me/vouchers",
        "/me/inbox",
        "/voucher-batches",
    ] {
        worker
            .get(&format!("{path}?{query}"))
            .await
            .expect_problem(400, code)
            .unwrap();
    }
}

#[tokio::test]
async fn a_forged_cursor_shows_nothing_new() {
    let worker = worker().await;
    for cursor in ["AAAAAAAAAAAAAAAAAAAAAA", "_____________________w"] {
        let page = worker
            .get(&format!("/me/wishes?cursor={cursor}"))
            .await
            .expect_status(200)
            .unwrap();
        assert_eq!(page.body["items"], json!([]));
    }
}

#[tokio::test]
async fn a_write_without_a_good_key_is_a_bad_request() {
    let worker = worker().await;
    for path in [
        "/wishes",
        "/uploads",
        "/memberships",
        "/checkup-bookings",
        "/redemptions",
        "/checkup-check-ins",
    ] {
        worker
            .post(path, json!({}))
            .await
            .expect_problem(400, "idempotency_key_missing")
            .unwrap();
        for key in ["", "a b", &"k".repeat(256)] {
            let reply = worker.post_with_key(path, json!({}), key).await;
            reply
                .expect_problem(400, "idempotency_key_invalid")
                .unwrap();
        }
    }
}

#[tokio::test]
async fn a_key_stands_for_one_body() {
    let (worker, key) = (worker().await, fresh_key());
    let upload =
        |size: u64| json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": size });
    let first = worker
        .post_with_key("/uploads", upload(1_000), &key)
        .await
        .expect_status(201)
        .unwrap();
    let again = worker
        .post_with_key("/uploads", upload(1_000), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(
        (again.id().unwrap(), again.header("idempotency-replayed")),
        (first.id().unwrap(), Some("true"))
    );
    let other = worker.post_with_key("/uploads", upload(1_001), &key).await;
    other.expect_problem(422, "idempotency_key_reused").unwrap();
}

#[tokio::test]
async fn routes_that_are_not_there_are_not_found() {
    let worker = worker().await;
    for path in [
        "/api/v1/nothing",
        "/api/v1",
        "/api/v2/me",
        "/api/v1/me/",
        "/api/v1//me",
        "/api/v1/wishes/x/y/z",
    ] {
        let reply = worker
            .get(path)
            .await
            .expect_problem(404, "not_found")
            .unwrap();
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json"),
            "{path}"
        );
        assert!(
            reply.text("detail").is_ok() && reply.text("traceId").is_ok(),
            "{}",
            reply.body
        );
    }
    for method in [Method::PATCH, Method::PUT, Method::DELETE] {
        let reply = worker.call(method, "/wishes", None, None).await;
        reply.expect_problem(404, "not_found").unwrap();
    }
}

#[rstest]
#[case("..%2f..%2fetc%2fpasswd")]
#[case("%2e%2e%2fme")]
#[case("stn_01h455vb4pex5vsknk084sn02q")]
#[case("upl_zzzzzzzzzzzzzzzzzzzzzzzzzz")]
#[case("upl_1'%20OR%20'1'='1")]
#[case("00000000-0000-0000-0000-000000000000")]
#[case("%00")]
#[case("%ff%fe")]
#[case("UPL_01H455VB4PEX5VSKNK084SN02Q")]
#[tokio::test]
async fn ids_that_cannot_be_are_not_found(#[case] id: &str) {
    let worker = worker().await;
    for path in [
        "/uploads",
        "/wishes",
        "/vouchers",
        "/checkup-bookings",
        "/checkup-sessions",
    ] {
        let reply = worker.get(&format!("{path}/{id}")).await;
        reply.expect_problem(404, "not_found").unwrap();
    }
}
