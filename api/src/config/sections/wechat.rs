//! WeChat: the real service, or codes that developers make up.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Profile, Sources, faults::Faults, secret};

#[derive(Debug, Clone)]
pub enum WechatConfig {
    /// `dev:<openid>` signs in, `dev:<phone>` is a phone code.
    Dev,
    Http(WechatApp),
}

/// One mini-program.
#[derive(Debug, Clone)]
pub struct WechatApp {
    pub app_id: String,
    pub secret: SecretString,
    /// Without a slash at the end.
    pub base_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Dev,
    Http,
}

#[derive(Deserialize)]
struct Raw {
    mode: Mode,
    app_id: Option<String>,
    secret: Option<SecretString>,
    base_url: String,
}

impl WechatConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("wechat", problems)?;
        match (&raw.mode, profile) {
            (Mode::Dev, Profile::Dev) => Some(Self::Dev),
            (Mode::Dev, Profile::Production) => {
                problems.add(
                    "wechat.mode",
                    "dev lets anybody sign in as anybody: set http in production",
                );
                app(raw, profile, problems).map(Self::Http)
            }
            (Mode::Http, _) => app(raw, profile, problems).map(Self::Http),
        }
    }
}

fn app(raw: Raw, profile: Profile, problems: &mut Faults) -> Option<WechatApp> {
    let app_id = problems.note(
        "wechat.app_id",
        raw.app_id
            .ok_or("missing: copy the AppID from the WeChat console"),
    );
    let secret = problems.note("wechat.secret", check_secret(raw.secret, profile));
    let base_url = raw.base_url.trim_end_matches('/').to_owned();
    if !base_url.starts_with("https://")
        && (profile == Profile::Production || !base_url.starts_with("http://"))
    {
        problems.add(
            "wechat.base_url",
            "must begin with https://: the AppSecret travels there",
        );
    }
    Some(WechatApp {
        app_id: app_id?,
        secret: secret?,
        base_url,
    })
}

fn check_secret(secret: Option<SecretString>, profile: Profile) -> Result<SecretString, String> {
    let secret = secret.ok_or("missing: copy the AppSecret from the WeChat console")?;
    match secret::weakness(secret.expose_secret()) {
        Some(weakness) if profile == Profile::Production => Err(weakness.to_owned()),
        _ => Ok(secret),
    }
}
