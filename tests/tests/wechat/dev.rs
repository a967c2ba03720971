//! The adapters that need no WeChat.

use niangjia_domain::{
    identity::wechat::WechatGateway,
    wishes::moderation::text_check::{TextCheck, TextToCheck, Verdict},
};
use niangjia_infra::wechat::{DevWechat, WordList};
use rstest::rstest;

use crate::fixture::{Kind, kind};

#[tokio::test]
async fn dev_codes_say_who_and_which_number() {
    assert_eq!(
        DevWechat.sign_in("dev:worker-1").await.unwrap().openid,
        "worker-1"
    );
    assert_eq!(
        DevWechat.sign_in("dev:worker-1").await.unwrap().openid,
        "worker-1",
        "as often as one likes"
    );
    assert_eq!(
        DevWechat
            .phone_number("dev:13800000001", "worker-1")
            .await
            .unwrap()
            .expose(),
        "13800000001"
    );
    for code in ["", "dev:", "0a1b2c"] {
        assert_eq!(
            kind(&DevWechat.sign_in(code).await.unwrap_err()),
            Kind::CodeRefused
        );
    }
    assert_eq!(
        kind(
            &DevWechat
                .phone_number("dev:123", "worker-1")
                .await
                .unwrap_err()
        ),
        Kind::ForeignPhone
    );
}

#[rstest]
#[case("想要一个保温杯", Verdict::Pass)]
#[case("加我的 微 信 号", Verdict::Review)]
#[case("HTTPS://example.com", Verdict::Review)]
#[case("一起赌\n博，转账给我", Verdict::Risky)]
#[tokio::test]
async fn the_word_list_finds_words_behind_case_and_blanks(
    #[case] content: &str,
    #[case] expected: Verdict,
) {
    let text = TextToCheck {
        openid: None,
        title: "心愿".into(),
        content: content.into(),
    };
    assert_eq!(
        WordList::default().check(&text).await.unwrap().verdict,
        expected
    );
}

#[tokio::test]
async fn the_words_are_configurable() {
    let words = WordList::new(&["坏词"], &[]);
    let text = |title: &str| TextToCheck {
        openid: None,
        title: title.into(),
        content: "好".into(),
    };
    assert_eq!(
        words.check(&text("坏词")).await.unwrap().verdict,
        Verdict::Risky
    );
    assert_eq!(
        words.check(&text("赌博")).await.unwrap().verdict,
        Verdict::Pass
    );
}
