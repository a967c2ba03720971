//! Bodies that are no document, or not the one that was asked for.

use reqwest::{RequestBuilder, header};
use rstest::rstest;
use serde_json::{Value, json};

use super::{assert_field, raw, raw_json, wish_with, worker};

#[rstest]
#[case::cut_off(r#"{"title":"#)]
#[case::not_json("title=x")]
#[case::a_comma_too_many(r#"{"title":"x",}"#)]
#[case::not_a_number(r#"{"estimateFen":NaN}"#)]
#[case::half_a_surrogate(r#"{"title":"\ud800"}"#)]
#[tokio::test]
async fn malformed_json_is_a_bad_request(#[case] text: &str) {
    let (status, body) = raw_json(&worker().await, "/wishes", text).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (400, Some("malformed_json")),
        "{body}"
    );
}

#[tokio::test]
async fn more_than_one_document_is_a_bad_request() {
    let (status, body) = raw_json(&worker().await, "/me/membership/withdrawal", "{} {}").await;
    assert_eq!(
        (status, body["code"].as_str()),
        (400, Some("malformed_json")),
        "{body}"
    );
}

#[tokio::test]
async fn nesting_without_end_is_refused() {
    let text = format!(r#"{{"photoIds":{}"#, "[".repeat(60_000));
    let (status, body) = raw_json(&worker().await, "/wishes", &text).await;
    assert!(matches!(status, 400 | 422), "{status} {body}");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_a_bad_request() {
    let shape = |request: RequestBuilder| {
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(b"{\"title\":\"\xff\xfe\"}".to_vec())
    };
    let (status, body) = raw(&worker().await, "/wishes", shape).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (400, Some("malformed_json")),
        "{body}"
    );
}

#[tokio::test]
async fn fields_that_are_unknown_missing_or_of_another_type_are_named() {
    let worker = worker().await;
    let unknown = worker
        .post_once("/wishes", wish_with("status", json!("published")))
        .await;
    assert_field(&unknown, "status", "unknown_field");
    let missing = worker
        .post_once("/wishes", json!({ "title": "想要一个保温杯" }))
        .await;
    assert_field(&missing, "story", "missing_field");
    for (field, value) in [
        ("title", json!(7)),
        ("title", Value::Null),
        ("estimateFen", json!("8800")),
        ("estimateFen", json!(88.5)),
        ("photoIds", json!("upl_1")),
    ] {
        assert_field(
            &worker.post_once("/wishes", wish_with(field, value)).await,
            field,
            "wrong_type",
        );
    }
    for body in [json!([]), json!("text"), json!(1), json!(true)] {
        let reply = worker.post_once("/wishes", body.clone()).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_fields"),
            "{body}: {}",
            reply.body
        );
    }
    let nested = json!({ "slotId": "slot_1", "healthConsent": { "version": "1", "signed": true } });
    assert_field(
        &worker.post_once("/checkup-bookings", nested).await,
        "healthConsent.signed",
        "unknown_field",
    );
}

#[tokio::test]
async fn a_field_given_twice_is_refused() {
    let (status, body) =
        raw_json(&worker().await, "/wishes", r#"{"title":"一","title":"二"}"#).await;
    assert_eq!(
        (status, body["errors"][0]["code"].as_str()),
        (422, Some("duplicate_field")),
        "{body}"
    );
    assert_eq!(body["errors"][0]["field"], "title", "{body}");
}

#[tokio::test]
async fn bodies_beyond_64_kib_are_too_large() {
    let worker = worker().await;
    let wish = |letters: usize| wish_with("story", json!("x".repeat(letters)));
    let envelope = wish(0).to_string().len();
    let fits = worker.post_once("/wishes", wish(65_536 - envelope)).await;
    assert_field(
        &fits,
        "story",
        fits.body["errors"][0]["code"].as_str().unwrap_or_default(),
    );
    for letters in [65_537 - envelope, 66_560] {
        worker
            .post_once("/wishes", wish(letters))
            .await
            .expect_problem(413, "body_too_large")
            .unwrap();
    }
}

#[rstest]
#[case("text/plain")]
#[case("application/x-www-form-urlencoded")]
#[case("application/jsonp")]
#[case("multipart/form-data; boundary=x")]
#[tokio::test]
async fn other_content_types_are_not_read(#[case] kind: &'static str) {
    let shape = |request: RequestBuilder| request.header(header::CONTENT_TYPE, kind).body("{}");
    let (status, body) = raw(&worker().await, "/wishes", shape).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (415, Some("unsupported_media_type")),
        "{body}"
    );
    let (status, _) = raw(&worker().await, "/wishes", |request| request.body("{}")).await;
    assert_eq!(status, 415, "no type at all");
}
