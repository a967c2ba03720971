//! `getuserphonenumber`.

use std::time::Duration;

use niangjia_domain::identity::wechat::WechatGateway;
use niangjia_tests::stand_ins::wechat::{PHONE, TOKEN, Trouble, phone_info};
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Kind, kind, within_deadline};

#[tokio::test]
async fn a_phone_code_becomes_a_number_bound_to_the_openid() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    let phone = wechat
        .phone_number("phone:13800000001", "o-1")
        .await
        .unwrap();
    assert_eq!(phone.expose(), "13800000001");
    let call = &stand_in.calls(PHONE)[0];
    assert_eq!(
        call.json(),
        json!({ "code": "phone:13800000001", "openid": "o-1" })
    );
    assert_eq!(call.query.keys().collect::<Vec<_>>(), ["access_token"]);
    assert_eq!(
        kind(
            &wechat
                .phone_number("phone:13800000001", "o-1")
                .await
                .unwrap_err()
        ),
        Kind::CodeRefused
    );
}

#[rstest]
#[case::country_as_number(json!({ "countryCode": 86 }))]
#[case::country_with_plus(json!({ "countryCode": "+86" }))]
#[case::no_country(json!({ "countryCode": null }))]
#[tokio::test]
async fn the_country_code_is_read_leniently(#[case] change: Value) {
    assert_eq!(phone_with(change).await.unwrap(), "13800000001");
}

#[rstest]
#[case::elsewhere(json!({ "countryCode": "852", "purePhoneNumber": "51234567" }), Kind::ForeignPhone)]
#[case::eleven_digits_elsewhere(json!({ "countryCode": 1 }), Kind::ForeignPhone)]
#[case::not_mobile(json!({ "purePhoneNumber": "05371234567" }), Kind::ForeignPhone)]
#[case::foreign_watermark(json!({ "watermark": { "appid": "wx_other" } }), Kind::Misconfigured)]
#[case::no_watermark(json!({ "watermark": null }), Kind::Unavailable)]
#[case::no_number(json!({ "purePhoneNumber": null }), Kind::Unavailable)]
#[tokio::test]
async fn what_is_not_our_users_mainland_number_is_refused(
    #[case] change: Value,
    #[case] expected: Kind,
) {
    assert_eq!(phone_with(change).await.unwrap_err(), expected);
}

async fn phone_with(change: Value) -> Result<String, Kind> {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    let mut info = phone_info("13800000001");
    info.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    stand_in.answer(PHONE, json!({ "errcode": 0, "phone_info": info }));
    let phone = wechat.phone_number("phone:x", "o-1").await;
    phone
        .map(|phone| phone.expose().to_owned())
        .map_err(|error| kind(&error))
}

#[rstest]
#[case(40029, Kind::CodeRefused)]
#[case(40163, Kind::CodeRefused)]
#[case(40003, Kind::CodeRefused)]
#[case(43104, Kind::CodeRefused)]
#[case(61010, Kind::CodeRefused)]
#[case(40013, Kind::Misconfigured)]
#[case(40097, Kind::Misconfigured)]
#[case(41001, Kind::Misconfigured)]
#[case(43002, Kind::Misconfigured)]
#[case(44002, Kind::Misconfigured)]
#[case(47001, Kind::Misconfigured)]
#[case(48001, Kind::Misconfigured)]
#[case(45009, Kind::TooOften)]
#[case(45011, Kind::TooOften)]
#[tokio::test]
async fn each_code_says_what_the_caller_can_do(#[case] errcode: i64, #[case] expected: Kind) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(PHONE, [Trouble::Code(errcode)]);
    assert_eq!(
        kind(&wechat.phone_number("phone:x", "o-1").await.unwrap_err()),
        expected
    );
    assert_eq!(stand_in.calls(PHONE).len(), 1);
}

/// Token, busy answers and slowness together: still one deadline.
#[tokio::test]
async fn the_deadline_covers_everything_a_question_takes() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(TOKEN, [Trouble::Slow(Duration::from_millis(1000))]);
    stand_in.misbehave(
        PHONE,
        [Trouble::Code(-1), Trouble::Slow(Duration::from_secs(20))],
    );
    let error = within_deadline(wechat.phone_number("phone:x", "o-1"))
        .await
        .unwrap_err();
    assert_eq!(kind(&error), Kind::Unavailable);
    assert_eq!(stand_in.calls(PHONE).len(), 2);
}
