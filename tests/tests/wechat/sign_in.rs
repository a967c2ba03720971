//! `jscode2session`.

use std::time::Duration;

use niangjia_domain::identity::wechat::WechatGateway;
use niangjia_tests::stand_ins::wechat::{APPID, SECRET, SIGN_IN, TOKEN, Trouble};
use rstest::rstest;
use serde_json::json;

use crate::fixture::{Fixture, Kind, kind, within_deadline};

#[tokio::test]
async fn a_code_becomes_an_openid_once() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    let identity = wechat.sign_in("code:o-alice").await.unwrap();
    assert_eq!(
        (identity.openid.as_str(), identity.unionid),
        ("o-alice", None)
    );
    assert_eq!(
        kind(&wechat.sign_in("code:o-alice").await.unwrap_err()),
        Kind::CodeRefused
    );
    let [first, _] = &stand_in.calls(SIGN_IN)[..] else {
        panic!("two calls")
    };
    assert_eq!(
        (
            first.query["appid"].as_str(),
            first.query["secret"].as_str()
        ),
        (APPID, SECRET)
    );
    assert_eq!(stand_in.calls(TOKEN).len(), 0, "no access token is needed");
}

#[tokio::test]
async fn a_unionid_is_passed_on() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.answer(
        SIGN_IN,
        json!({ "openid": "o-1", "unionid": "u-1", "errcode": 0, "errmsg": null }),
    );
    assert_eq!(
        wechat.sign_in("code:x").await.unwrap().unionid.as_deref(),
        Some("u-1")
    );
}

#[tokio::test]
async fn an_empty_code_is_refused_here() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    assert_eq!(
        kind(&wechat.sign_in("").await.unwrap_err()),
        Kind::CodeRefused
    );
    assert_eq!(stand_in.calls(SIGN_IN).len(), 0);
}

#[rstest]
#[case(40029, Kind::CodeRefused)]
#[case(40163, Kind::CodeRefused)]
#[case(40226, Kind::UserBlocked)]
#[case(45011, Kind::TooOften)]
#[case(45009, Kind::TooOften)]
#[case(40002, Kind::Misconfigured)]
#[case(40013, Kind::Misconfigured)]
#[case(40125, Kind::Misconfigured)]
#[case(40164, Kind::Misconfigured)]
#[case(40243, Kind::Misconfigured)]
#[case(41002, Kind::Misconfigured)]
#[case(41004, Kind::Misconfigured)]
#[case(41008, Kind::Misconfigured)]
#[case(48001, Kind::Misconfigured)]
#[case(48004, Kind::Misconfigured)]
#[case(50002, Kind::Misconfigured)]
#[case(50007, Kind::Misconfigured)]
#[case(61024, Kind::Misconfigured)]
#[case(99999, Kind::Unavailable)]
#[tokio::test]
async fn each_code_says_what_the_caller_can_do_and_is_not_retried(
    #[case] errcode: i64,
    #[case] expected: Kind,
) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(SIGN_IN, [Trouble::Code(errcode)]);
    assert_eq!(kind(&wechat.sign_in("code:x").await.unwrap_err()), expected);
    assert_eq!(stand_in.calls(SIGN_IN).len(), 1);
}

#[tokio::test]
async fn busy_is_retried_twice_and_no_more() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(SIGN_IN, [Trouble::Code(-1), Trouble::Code(-1)]);
    assert_eq!(wechat.sign_in("code:o-1").await.unwrap().openid, "o-1");
    stand_in.misbehave(
        SIGN_IN,
        [
            Trouble::Code(-1),
            Trouble::Code(-1),
            Trouble::Code(-1),
            Trouble::Code(-1),
        ],
    );
    assert_eq!(
        kind(&wechat.sign_in("code:o-2").await.unwrap_err()),
        Kind::Unavailable
    );
    assert_eq!(stand_in.calls(SIGN_IN).len(), 3 + 3);
}

/// Repeating after a lost answer would only find the code used up, so nothing of this is retried.
#[rstest]
#[case::cut(Trouble::CutBody)]
#[case::bad_gateway(Trouble::Garbage(502))]
#[case::html(Trouble::Garbage(200))]
#[case::no_openid(Trouble::Body(json!({ "session_key": "k" })))]
#[case::empty_openid(Trouble::Body(json!({ "openid": "" })))]
#[case::array(Trouble::Body(json!([])))]
#[case::wrong_type(Trouble::Body(json!({ "errcode": "none" })))]
#[tokio::test]
async fn nonsense_is_unavailable(#[case] trouble: Trouble) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(SIGN_IN, [trouble]);
    assert_eq!(
        kind(&wechat.sign_in("code:x").await.unwrap_err()),
        Kind::Unavailable
    );
    assert_eq!(stand_in.calls(SIGN_IN).len(), 1);
}

#[tokio::test]
async fn slowness_ends_at_the_deadline() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(SIGN_IN, [Trouble::Slow(Duration::from_secs(20))]);
    let error = within_deadline(wechat.sign_in("code:x")).await.unwrap_err();
    assert_eq!(kind(&error), Kind::Unavailable);
}
