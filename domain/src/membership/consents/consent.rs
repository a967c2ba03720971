//! Consents: given per purpose and text version, before anything is processed for that purpose (P1,
//! M4). The record is append-only: withdrawing adds an act, it deletes none.

use chrono::{DateTime, Utc};

use crate::kernel::{
    Invalid,
    coded::coded,
    id::{AccountId, ConsentId},
};

coded! {
    /// What a consent is for.
    ConsentPurpose {
        Membership "membership" "入会申请与会籍管理",
        HealthData "health_data" "移动体检与健康信息",
    }
}

coded! {
    ConsentAct {
        Given "given" "同意",
        Withdrawn "withdrawn" "撤回",
    }
}

/// One act of one account about one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub id: ConsentId,
    pub account_id: AccountId,
    pub purpose: ConsentPurpose,
    pub version: String,
    pub act: ConsentAct,
    pub at: DateTime<Utc>,
}

/// A text people agree to. A new wording is a new version; old ones stay readable in the code's
/// history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentText {
    pub purpose: ConsentPurpose,
    pub version: &'static str,
    pub title: &'static str,
    pub body: &'static str,
}

impl ConsentPurpose {
    /// A purpose we know, in the version in force. `path` goes before the field names.
    pub fn agreed(path: &str, purpose: &str, version: &str) -> Result<Self, Invalid> {
        let purpose = Self::parse(purpose).ok_or_else(|| {
            Invalid::field(
                format!("{path}purpose"),
                "consent_unknown",
                "没有这份同意书，请刷新后重试",
            )
        })?;
        if version == purpose.text().version {
            Ok(purpose)
        } else {
            Err(Invalid::field(
                format!("{path}version"),
                "consent_outdated",
                "同意书已更新，请阅读最新版本后再同意",
            ))
        }
    }

    /// The text in force.
    pub const fn text(self) -> ConsentText {
        let (version, title, body) = match self {
            Self::Membership => (
                "1",
                "入会申请个人信息处理同意书",
                "为办理入会、核对身份和管理会籍，工会将处理您的姓名、身份证号、手机号、职业和工作所在地。\
                 身份证号属于敏感个人信息，加密保存，仅用于确认您本人且不重复入会，列表中只显示部分字符。\
                 信息由您所在的工会及其上级工会在办理会籍时使用，不向爱心人士、商户和平台企业提供。\
                 您可以随时查询、更正，退会后可以撤回同意。",
            ),
            Self::HealthData => (
                "1",
                "健康信息处理单独同意书",
                "为安排移动体检，体检机构将处理您的预约、签到和体检报告。\
                 报告只有您本人可以查看；工会只能看到到检情况和不少于十人的汇总数字。\
                 您可以不同意，不影响会籍和其他服务；同意后可以随时撤回。",
            ),
        };
        ConsentText {
            purpose: self,
            version,
            title,
            body,
        }
    }
}
