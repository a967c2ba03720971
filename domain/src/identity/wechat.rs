//! What identity needs from WeChat: who tapped, and the phone number they agreed to share.

use async_trait::async_trait;

use crate::kernel::Phone;

/// Who a `wx.login` code belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WechatIdentity {
    pub openid: String,
    pub unionid: Option<String>,
}

/// Why WeChat gave no answer, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum WechatError {
    /// The code is used up, expired or made up: the phone must tap again.
    #[error("code refused")]
    CodeRefused,
    /// WeChat blocks this user as high-risk.
    #[error("user blocked")]
    UserBlocked,
    /// WeChat knows a number, but not a mainland mobile one; tapping again does not help.
    #[error("not a mainland mobile number")]
    ForeignPhone,
    /// Too often; come back after this many seconds.
    #[error("too many calls, retry after {retry_after_s} s")]
    TooOften { retry_after_s: u64 },
    /// Slow, down, or talking nonsense.
    #[error("wechat unavailable: {0}")]
    Unavailable(String),
    /// Our appid, secret, IP allow-list or rights are wrong: alarm the operator.
    #[error("wechat refuses this installation: {0}")]
    Misconfigured(String),
}

#[async_trait]
pub trait WechatGateway: Send + Sync {
    /// Trades a `wx.login` code (five minutes, one use).
    async fn sign_in(&self, code: &str) -> Result<WechatIdentity, WechatError>;
    /// Trades a phone code of the button callback (five minutes, one use), bound to the user who
    /// tapped.
    async fn phone_number(&self, phone_code: &str, openid: &str) -> Result<Phone, WechatError>;
    /// Whether the service answers with our credentials; for `doctor`.
    async fn probe(&self) -> Result<(), WechatError>;
}
