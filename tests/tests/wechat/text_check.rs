//! `msg_sec_check`: fail closed.

use std::time::Duration;

use niangjia_domain::wishes::moderation::text_check::{
    TextCheck, TextCheckError, TextToCheck, TextVerdict, Verdict,
};
use niangjia_tests::stand_ins::wechat::{TEXT, Trouble, text_verdict};
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixture::{Fixture, within_deadline};

fn wish(content: &str) -> TextToCheck {
    TextToCheck {
        openid: Some("o-alice".into()),
        title: "保温杯".into(),
        content: content.into(),
    }
}

#[tokio::test]
async fn the_text_goes_out_as_raw_utf8() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    let verdict = wechat.check(&wish("想要一个“保温杯”\n🥤")).await.unwrap();
    let trace_id = Some("60000000-00000001-00000001".to_owned());
    assert_eq!(
        verdict,
        TextVerdict {
            verdict: Verdict::Pass,
            label: "100".into(),
            trace_id
        }
    );
    let call = &stand_in.calls(TEXT)[0];
    let body = std::str::from_utf8(&call.body).unwrap();
    assert!(
        body.contains("保温杯") && body.contains('🥤') && !body.contains("\\u"),
        "{body}"
    );
    let expected = json!({ "version": 2, "scene": 3, "openid": "o-alice", "title": "保温杯", "content": "想要一个“保温杯”\n🥤" });
    assert_eq!(call.json(), expected);
}

#[rstest]
#[case::pass(text_verdict("pass", 100), Verdict::Pass, "100")]
#[case::review(text_verdict("review", 20001), Verdict::Review, "20001")]
#[case::risky(text_verdict("risky", 20002), Verdict::Risky, "20002")]
#[case::unheard_of(text_verdict("maybe", 1), Verdict::Review, "1")]
#[case::label_as_text(json!({ "result": { "suggest": "pass", "label": "100" } }), Verdict::Pass, "100")]
#[case::no_label(json!({ "result": { "suggest": "pass" }, "detail": null }), Verdict::Pass, "")]
#[case::a_strategy_is_stricter(
    json!({ "result": { "suggest": "pass", "label": 100 }, "detail": [{ "errcode": 0, "suggest": "risky" }] }),
    Verdict::Risky, "100")]
#[case::a_failed_strategy_does_not_count(
    json!({ "result": { "suggest": "pass", "label": 100 },
            "detail": [{ "errcode": 0, "suggest": "pass" }, { "errcode": -1, "suggest": "risky" }] }),
    Verdict::Pass, "100")]
#[case::no_strategy_ran(
    json!({ "result": { "suggest": "pass", "label": 100 }, "detail": [{ "errcode": -1, "suggest": "pass" }] }),
    Verdict::Review, "100")]
#[tokio::test]
async fn the_verdict_is_the_strictest_that_counts(
    #[case] body: Value,
    #[case] expected: Verdict,
    #[case] label: &str,
) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.answer(TEXT, body);
    let verdict = wechat.check(&wish("文字")).await.unwrap();
    assert_eq!((verdict.verdict, verdict.label.as_str()), (expected, label));
}

#[tokio::test]
async fn the_other_spelling_of_the_trace_id_is_understood() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.answer(
        TEXT,
        json!({ "traceId": "t-1", "result": { "suggest": "pass", "label": 100 } }),
    );
    assert_eq!(
        wechat
            .check(&wish("文字"))
            .await
            .unwrap()
            .trace_id
            .as_deref(),
        Some("t-1")
    );
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Later,
    Human,
}

fn kind(error: &TextCheckError) -> Kind {
    match error {
        TextCheckError::Unavailable(_) => Kind::Later,
        TextCheckError::NeedsHuman(_) => Kind::Human,
    }
}

#[rstest]
#[case(45009, Kind::Later)]
#[case(45011, Kind::Later)]
#[case(40013, Kind::Later)]
#[case(48001, Kind::Later)]
#[case(99999, Kind::Later)]
#[case(40003, Kind::Human)]
#[case(40129, Kind::Human)]
#[case(43104, Kind::Human)]
#[case(43302, Kind::Human)]
#[case(44002, Kind::Human)]
#[case(47001, Kind::Human)]
#[case(61010, Kind::Human)]
#[case(87014, Kind::Human)]
#[tokio::test]
async fn without_a_verdict_it_waits_or_goes_to_a_human(
    #[case] errcode: i64,
    #[case] expected: Kind,
) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(TEXT, [Trouble::Code(errcode)]);
    assert_eq!(
        kind(&wechat.check(&wish("文字")).await.unwrap_err()),
        expected
    );
    assert_eq!(stand_in.calls(TEXT).len(), 1);
}

#[rstest]
#[case::no_result(Trouble::Body(json!({ "errcode": 0, "errmsg": "ok" })))]
#[case::no_suggestion(Trouble::Body(json!({ "result": { "label": 100 } })))]
#[case::html(Trouble::Garbage(500))]
#[case::cut(Trouble::CutBody)]
#[case::slow(Trouble::Slow(Duration::from_secs(20)))]
#[tokio::test]
async fn nonsense_is_never_a_pass(#[case] trouble: Trouble) {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(TEXT, [trouble]);
    let error = within_deadline(wechat.check(&wish("文字")))
        .await
        .unwrap_err();
    assert_eq!(kind(&error), Kind::Later);
}

#[tokio::test]
async fn busy_and_ended_tokens_are_overcome() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    stand_in.misbehave(TEXT, [Trouble::Code(-1), Trouble::Code(42001)]);
    assert_eq!(
        wechat.check(&wish("文字")).await.unwrap().verdict,
        Verdict::Pass
    );
}

#[tokio::test]
async fn what_the_machine_cannot_judge_is_not_sent() {
    let Fixture { stand_in, wechat } = Fixture::start().await;
    let nobody = TextToCheck {
        openid: None,
        ..wish("文字")
    };
    for text in [nobody, wish(""), wish(&"字".repeat(2501))] {
        assert_eq!(kind(&wechat.check(&text).await.unwrap_err()), Kind::Human);
    }
    assert_eq!(stand_in.calls(TEXT).len(), 0);
    assert!(wechat.check(&wish(&"字".repeat(2500))).await.is_ok());
}
