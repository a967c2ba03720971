//! The adapter under test, on a stand-in of its own.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    identity::wechat::WechatError,
    kernel::{Clock, ports::cache::SharedValues},
};
use niangjia_infra::{
    cache::MemoryValues,
    system::{SystemClock, SystemRandom},
    wechat::{HttpWechat, WechatSettings},
};
use niangjia_tests::stand_ins::wechat::{APPID, SECRET, WechatStandIn};
use tokio::time::Instant;

pub const DEADLINE: Duration = Duration::from_secs(3);
/// What a busy machine may add to a deadline.
pub const SLACK: Duration = Duration::from_millis(700);

pub struct Fixture {
    pub stand_in: WechatStandIn,
    pub wechat: HttpWechat,
}

impl Fixture {
    pub async fn start() -> Self {
        let stand_in = WechatStandIn::start().await;
        let wechat = adapter(
            &stand_in,
            Arc::new(MemoryValues::default()),
            Arc::new(SystemClock),
        );
        Self { stand_in, wechat }
    }
}

/// One process' adapter.
pub fn adapter(
    stand_in: &WechatStandIn,
    shared: Arc<dyn SharedValues>,
    clock: Arc<dyn Clock>,
) -> HttpWechat {
    adapter_with(settings(stand_in), shared, clock)
}

pub fn adapter_with(
    settings: WechatSettings,
    shared: Arc<dyn SharedValues>,
    clock: Arc<dyn Clock>,
) -> HttpWechat {
    HttpWechat::new(settings, shared, clock, &SystemRandom).unwrap()
}

pub fn settings(stand_in: &WechatStandIn) -> WechatSettings {
    WechatSettings {
        base_url: stand_in.base_url.clone(),
        ..WechatSettings::new(APPID, SECRET.into())
    }
}

/// A clock that tests move.
pub struct MovableClock(std::sync::Mutex<DateTime<Utc>>);

impl MovableClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(SystemClock.now().into()))
    }

    pub fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// An error by what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    CodeRefused,
    UserBlocked,
    ForeignPhone,
    TooOften,
    Unavailable,
    Misconfigured,
}

pub fn kind(error: &WechatError) -> Kind {
    match error {
        WechatError::CodeRefused => Kind::CodeRefused,
        WechatError::UserBlocked => Kind::UserBlocked,
        WechatError::ForeignPhone => Kind::ForeignPhone,
        WechatError::TooOften { retry_after_s } => {
            assert_eq!(*retry_after_s, 60);
            Kind::TooOften
        }
        WechatError::Unavailable(_) => Kind::Unavailable,
        WechatError::Misconfigured(_) => Kind::Misconfigured,
    }
}

/// Fails if it takes much longer than the deadline.
pub async fn within_deadline<T>(answer: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let answer = answer.await;
    assert!(
        begun.elapsed() < DEADLINE + SLACK,
        "took {:?}",
        begun.elapsed()
    );
    answer
}
