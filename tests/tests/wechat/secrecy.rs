//! Secrets, codes, openids, phones and texts appear in no log line and no error, whatever WeChat
//! does.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use niangjia_domain::{
    identity::wechat::WechatGateway,
    wishes::moderation::text_check::{TextCheck, TextToCheck},
};
use niangjia_tests::stand_ins::wechat::{PHONE, SECRET, SIGN_IN, TEXT, TOKEN, Trouble};
use serde_json::json;
use tracing_subscriber::{fmt::MakeWriter, util::SubscriberInitExt};

use crate::fixture::Fixture;

const HUSH: [&str; 6] = [
    SECRET,
    "secret-code-1",
    "o-very-private",
    "13800000001",
    "token-number",
    "私密的心愿",
];

#[tokio::test]
async fn nothing_private_is_logged_or_told() {
    let log = Log::default();
    let _guard = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(log.clone())
        .finish()
        .set_default();
    let Fixture { stand_in, wechat } = Fixture::start().await;
    let sent = [
        (SIGN_IN, [SECRET, "secret-code-1"]),
        (TOKEN, [SECRET, SECRET]),
        (PHONE, ["phone:13800000001", "o-very-private"]),
        (TEXT, ["o-very-private", "私密的心愿"]),
    ];
    for (path, echoed) in sent {
        let echo = json!({ "errcode": 40013, "errmsg": format!("you sent {} rid: 65a0-b1c2", echoed.join(", ")) });
        let troubles = [Trouble::Body(echo), Trouble::CutBody, Trouble::Garbage(500)];
        stand_in.misbehave(
            path,
            troubles
                .into_iter()
                .chain([Trouble::Slow(Duration::from_secs(20))]),
        );
    }
    let text = TextToCheck {
        openid: Some("o-very-private".into()),
        title: "私密的心愿".into(),
        content: "私密的心愿".into(),
    };
    let mut told = String::new();
    for _ in 0..5 {
        told += &format!("{:?}", wechat.sign_in("secret-code-1").await.err());
        told += &format!(
            "{:?}",
            wechat
                .phone_number("phone:13800000001", "o-very-private")
                .await
                .err()
        );
        told += &format!("{:?}", wechat.check(&text).await.err());
    }
    let logged = log.text();
    assert!(logged.contains("65a0-b1c2"), "the request id is logged");
    // The stand-in runs in this process too, but its server prints no requests.
    for hushed in HUSH {
        assert!(!told.contains(hushed), "{hushed} is told: {told}");
        let line = logged.lines().find(|line| line.contains(hushed));
        assert_eq!(line, None, "{hushed} is logged");
    }
}

/// Collects what is logged in this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
