//! Who judges text before a cadre does.

use serde::Deserialize;

use super::{Profile, Sources, WechatConfig, faults::Faults};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextCheckConfig {
    /// A word list.
    Dev,
    /// WeChat's `msg_sec_check`.
    Wechat,
}

impl TextCheckConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        wechat: Option<&WechatConfig>,
        problems: &mut Faults,
    ) -> Option<Self> {
        let mode: Self = sources.value("text_check.mode", problems)?;
        match (mode, wechat) {
            (Self::Dev, _) if profile == Profile::Production => {
                problems.add(
                    "text_check.mode",
                    "the word list is for development: set wechat in production",
                );
            }
            (Self::Wechat, Some(WechatConfig::Dev)) => {
                problems.add("text_check.mode", "wechat needs wechat.mode http: set both");
            }
            _ => {}
        }
        Some(mode)
    }
}
