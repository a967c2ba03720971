//! What WeChat's error codes mean, sorted by what a caller can do about them. The texts beside them
//! change and are never matched on.

use niangjia_domain::{
    identity::wechat::WechatError, wishes::moderation::text_check::TextCheckError,
};

/// "Minute limit" and "too frequent" are both over within a minute.
const A_MINUTE_S: u64 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Try again in a moment.
    Busy,
    /// The access token has gone bad: take another, once.
    StaleToken,
    /// The user's code is used up, expired, or another user's: tap again.
    CodeRefused,
    UserBlocked,
    TooOften,
    /// Credentials, rights or address of this installation: for the operator.
    Misconfigured,
    /// WeChat will never accept this input.
    BadArgument,
    Unknown,
}

impl Meaning {
    pub(super) fn of(errcode: i64) -> Self {
        match errcode {
            -1 => Self::Busy,
            40001 | 40014 | 42001 => Self::StaleToken,
            40029 | 40163 => Self::CodeRefused,
            40226 => Self::UserBlocked,
            45009 | 45011 => Self::TooOften,
            40002 | 40013 | 40125 | 40164 | 40243 | 41001 | 41002 | 41004 | 48001 | 48004
            | 50002 | 50007 | 61024 => Self::Misconfigured,
            40003 | 40037 | 40097 | 40129 | 41008 | 43002 | 43104 | 43302 | 44002 | 47001
            | 61010 | 87014 => Self::BadArgument,
            _ => Self::Unknown,
        }
    }
}

/// A call that brought nothing usable.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Fault {
    #[error("{endpoint} answered {errcode}{}", hint(*errcode))]
    Refused {
        endpoint: &'static str,
        errcode: i64,
        meaning: Meaning,
    },
    #[error("{endpoint}: {reason}")]
    NoAnswer {
        endpoint: &'static str,
        reason: String,
    },
}

impl Fault {
    pub(super) fn no_answer(endpoint: &'static str, reason: impl Into<String>) -> Self {
        Self::NoAnswer {
            endpoint,
            reason: reason.into(),
        }
    }

    pub(super) fn means(&self, expected: Meaning) -> bool {
        matches!(self, Self::Refused { meaning, .. } if *meaning == expected)
    }
}

/// For the operator: what to mend.
fn hint(errcode: i64) -> &'static str {
    match errcode {
        40001 | 40125 => " (the app secret is wrong)",
        40013 => " (the appid is wrong)",
        40164 => " (this server's address is not on the IP allow-list)",
        40243 => " (the app secret is frozen)",
        48001 | 48004 => " (this mini-program has no right to this API)",
        50002 | 50007 => " (the mini-program's account is limited or frozen)",
        61024 => " (a third-party platform's account: wrong kind)",
        _ => "",
    }
}

impl From<Fault> for WechatError {
    fn from(fault: Fault) -> Self {
        let text = fault.to_string();
        let Fault::Refused {
            errcode, meaning, ..
        } = fault
        else {
            return Self::Unavailable(text);
        };
        match meaning {
            Meaning::CodeRefused => Self::CodeRefused,
            // The phone was tapped by somebody else, or so long ago that WeChat forgot who it was.
            Meaning::BadArgument if matches!(errcode, 40003 | 43104 | 61010) => Self::CodeRefused,
            Meaning::UserBlocked => Self::UserBlocked,
            Meaning::TooOften => Self::TooOften {
                retry_after_s: A_MINUTE_S,
            },
            Meaning::Misconfigured | Meaning::BadArgument => Self::Misconfigured(text),
            Meaning::Busy | Meaning::StaleToken | Meaning::Unknown => Self::Unavailable(text),
        }
    }
}

impl From<Fault> for TextCheckError {
    fn from(fault: Fault) -> Self {
        let text = fault.to_string();
        let Fault::Refused { meaning, .. } = fault else {
            return Self::Unavailable(text);
        };
        match meaning {
            Meaning::BadArgument | Meaning::CodeRefused | Meaning::UserBlocked => {
                Self::NeedsHuman(text)
            }
            Meaning::Busy
            | Meaning::StaleToken
            | Meaning::TooOften
            | Meaning::Misconfigured
            | Meaning::Unknown => Self::Unavailable(text),
        }
    }
}
