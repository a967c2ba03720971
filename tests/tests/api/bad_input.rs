//! What phones, proxies and attackers may send: every answer is a problem document that says what
//! to do, and none of them repeats what was sent.

use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    database::Kind,
    people::Invented,
    process::shared,
};
use reqwest::{Method, RequestBuilder, header};
use rstest::rstest;
use serde_json::{Value, json};

use super::coverage::{
    cast::{self, stranger},
    make,
};

async fn worker() -> Client {
    cast::known(&stranger().await, "dev:bad-input").await
}

async fn cadre() -> Client {
    cast::desk(&stranger().await, "cadre").await
}

/// A request as no honest client makes it.
async fn raw(
    client: &Client,
    path: &str,
    shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> (u16, Value) {
    let base = &shared(Kind::Sqlite).await.base;
    let request = reqwest::Client::new()
        .post(format!("{base}/api/v1{path}"))
        .bearer_auth(client.token().unwrap())
        .header("idempotency-key", fresh_key());
    let answer = shape(request).send().await.unwrap();
    let (status, kind) = (
        answer.status().as_u16(),
        answer.headers()[header::CONTENT_TYPE].clone(),
    );
    assert_eq!(kind, "application/problem+json", "{status}");
    (status, answer.json().await.unwrap())
}

async fn raw_json(client: &Client, path: &str, text: &str) -> (u16, Value) {
    raw(client, path, |request| {
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(text.to_owned())
    })
    .await
}

/// Of a station that is not there.
const STATION: &str = "stn_01h455vb4pex5vsknk084sn02q";

fn wish_with(field: &str, value: Value) -> Value {
    let mut wish = make::wish_form(STATION, &[]);
    wish[field] = value;
    wish
}

fn batch_with(field: &str, value: Value) -> Value {
    let mut batch = make::batch_form(STATION);
    batch[field] = value;
    batch
}

/// The one field that is wrong.
fn assert_field(reply: &Reply, field: &str, code: &str) {
    assert_eq!(
        (reply.status, reply.code()),
        (422, "invalid_fields"),
        "{}: {}",
        reply.call,
        reply.body
    );
    assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.body);
    assert_eq!(reply.body["errors"][0]["code"], code, "{}", reply.body);
}

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

#[rstest]
#[case::nul("保温\0杯")]
#[case::bidi_override("保温\u{202e}杯")]
#[case::bidi_isolate("保温\u{2066}杯")]
#[case::escape("保温\u{1b}[31m杯")]
#[case::only_blanks("   ")]
#[tokio::test]
async fn text_that_hides_something_is_refused(#[case] text: &str) {
    let reply = worker()
        .await
        .post_once("/wishes", wish_with("title", json!(text)))
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (422, "invalid_fields"),
        "{}",
        reply.body
    );
    assert_eq!(reply.body["errors"][0]["field"], "title", "{}", reply.body);
}

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

#[tokio::test]
async fn numbers_beyond_all_bounds_are_refused_by_field() {
    let worker = worker().await;
    for fen in [
        json!(0),
        json!(-1),
        json!(30_001),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
    ] {
        let reply = worker
            .post_once("/wishes", wish_with("estimateFen", fen.clone()))
            .await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_fields"),
            "{fen}: {}",
            reply.body
        );
        assert_eq!(
            reply.body["errors"][0]["field"], "estimateFen",
            "{}",
            reply.body
        );
    }
    for size in [json!(0), json!(-1), json!(10_485_761), json!(u64::MAX)] {
        let upload = json!({ "purpose": "wish_photo", "contentType": "image/jpeg", "size": size });
        let reply = worker.post_once("/uploads", upload).await;
        assert_eq!(reply.status, 422, "{size}: {}", reply.body);
    }
    for field in ["faceValueFen", "quota", "budgetFen", "perPersonLimit"] {
        let reply = cadre()
            .await
            .post("/admin/voucher-batches", batch_with(field, json!(i64::MAX)))
            .await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_fields"),
            "{field}: {}",
            reply.body
        );
    }
}

#[rstest]
#[case("9999-12-31")]
#[case("0000-01-01")]
#[case("2026-02-30")]
#[case("+12026-01-01")]
#[case("-0001-01-01")]
#[tokio::test]
async fn dates_beyond_reason_are_refused(#[case] day: &str) {
    let cadre = cadre().await;
    let campaign = json!({ "name": "体检", "district": "370811", "from": "2026-06-01", "to": day });
    let reply = cadre.post("/admin/checkup-campaigns", campaign).await;
    assert_eq!(
        (reply.status, reply.code()),
        (422, "invalid_fields"),
        "{}",
        reply.body
    );
    for field in ["validFrom", "validTo"] {
        let batch = batch_with(field, json!(format!("{day}T23:59:59+08:00")));
        let reply = cadre.post("/admin/voucher-batches", batch).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_fields"),
            "{}",
            reply.body
        );
    }
    let queue = cadre
        .get(&format!("/admin/wishes?dueBefore={day}T00:00:00Z"))
        .await;
    assert!(matches!(queue.status, 200 | 422), "{}", queue.body);
    let sessions = stranger()
        .await
        .get(&format!("/checkup-sessions?from={day}&to={day}"))
        .await;
    assert!(matches!(sessions.status, 200 | 422), "{}", sessions.body);
}

#[tokio::test]
async fn an_id_number_never_comes_back() {
    let worker = worker().await;
    let person = Invented::new();
    let form = |id_number: &str| {
        json!({
            "phoneCode": "dev:13800005678", "name": person.name, "idNumber": id_number, "consents": [],
            "occupation": "food_delivery_rider", "workDistrict": "370811", "voluntary": true,
        })
    };
    let wrong_check = format!(
        "{}{}",
        &person.id_number[..17],
        if person.id_number.ends_with('1') {
            '2'
        } else {
            '1'
        }
    );
    for id_number in [person.id_number.as_str(), &wrong_check] {
        let reply = worker.post_once("/memberships", form(id_number)).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_fields"),
            "{}",
            reply.body
        );
        assert!(
            !reply.body.to_string().contains(id_number),
            "{}",
            reply.body
        );
    }
    let wish = wish_with(
        "story",
        json!(format!("我的身份证号是{}", person.id_number)),
    );
    let reply = worker.post_once("/wishes", wish).await;
    assert!(matches!(reply.status, 403 | 422), "{}", reply.body);
    assert!(
        !reply.body.to_string().contains(&person.id_number),
        "{}",
        reply.body
    );
    let as_field = worker
        .post_once(
            "/memberships",
            json!({ "idNumber": { "value": person.id_number } }),
        )
        .await;
    assert!(
        !as_field
            .expect_status(422)
            .unwrap()
            .body
            .to_string()
            .contains(&person.id_number)
    );
}
