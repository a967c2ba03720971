//! Which mini-program we are, and how long we wait for WeChat.

use std::time::Duration;

use secrecy::SecretString;

#[derive(Debug, Clone)]
pub struct WechatSettings {
    pub appid: String,
    pub secret: SecretString,
    /// Without a slash at the end.
    pub base_url: String,
    /// For one question of ours, all tokens, retries and repeats included.
    pub deadline: Duration,
}

impl WechatSettings {
    pub fn new(appid: impl Into<String>, secret: SecretString) -> Self {
        Self {
            appid: appid.into(),
            secret,
            base_url: "https://api.weixin.qq.com".to_owned(),
            deadline: Duration::from_secs(3),
        }
    }
}
