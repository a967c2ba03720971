//! Texts, numbers and dates beyond reason.

use niangjia_tests::{people::Invented, places::DISTRICT};
use rstest::rstest;
use serde_json::json;

use super::{batch_with, cadre, wish_with, worker};
use crate::coverage::cast::stranger;

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
    let campaign = json!({ "name": "体检", "district": DISTRICT, "from": "2026-06-01", "to": day });
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
            "occupation": "food_delivery_rider", "workDistrict": DISTRICT, "voluntary": true,
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
