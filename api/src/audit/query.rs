//! What an auditor may look for: by who, what, which object, when and where.

use chrono::{DateTime, Utc};
use niangjia_domain::{audit::AuditQuery, kernel::Invalid};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::extract::{chosen, district};

/// Longest action and subject that there are.
const WORD_CHARS: usize = 80;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditEntriesQuery {
    /// Account id of who did it.
    account: Option<String>,
    /// What was done.
    #[param(example = "wish.published", max_length = 80)]
    action: Option<String>,
    /// Id of what was acted on.
    #[param(max_length = 80)]
    subject: Option<String>,
    /// RFC 3339: not before.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<String>,
    /// RFC 3339: before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<String>,
    /// Six-digit district code; a prefecture covers its counties.
    area: Option<String>,
}

impl AuditEntriesQuery {
    pub fn checked(&self) -> Result<AuditQuery, Invalid> {
        let unknown = "filter_unknown";
        let time = |field: &str, text: &Option<String>| {
            let mend = "时间格式应为 2026-06-12T10:00:00+08:00";
            chosen(field, unknown, mend, text.as_deref(), instant)
        };
        let account = |text: &str| text.parse().ok();
        Ok(AuditQuery {
            account: chosen(
                "account",
                unknown,
                "账号编号有误，请从列表中选择",
                self.account.as_deref(),
                account,
            )?,
            action: chosen(
                "action",
                unknown,
                "操作名称有误，请从列表中选择",
                self.action.as_deref(),
                word,
            )?,
            subject: chosen(
                "subject",
                unknown,
                "对象编号有误，请核对后重新填写",
                self.subject.as_deref(),
                word,
            )?,
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
            district: self.area.as_deref().map(district).transpose()?,
        })
    }
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.to_utc())
}

/// As actions and ids are written.
fn word(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let known = (1..=WORD_CHARS).contains(&text.len()) && text.bytes().all(plain);
    known.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_actions_and_ids_and_nothing_else() {
        for known in [
            "wish.published",
            "wish_01h2xcejqtf2nbrexx3vqjhp41",
            "unknown",
        ] {
            assert!(word(known).is_some(), "{known}");
        }
        let long = "a".repeat(WORD_CHARS + 1);
        for odd in ["", "wish published", "心愿", "a\0b", "a%", long.as_str()] {
            assert!(word(odd).is_none(), "{odd}");
        }
    }
}
