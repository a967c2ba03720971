//! Shapes on the wire.

use niangjia_domain::{
    audit::{AuditLine, ChainHead},
    kernel::values::local_time::rfc3339,
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
pub struct AuditEntryDto {
    id: String,
    at: String,
    /// `null` when the system itself acted.
    account_id: Option<String>,
    /// The role it acted in.
    role: Option<String>,
    #[schema(example = "wish.published")]
    action: String,
    /// Id of what was acted on.
    subject: String,
    district: Option<String>,
    request_id: String,
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// Place in the hash chain; `null` for the seconds until it is sealed.
    sequence: Option<i64>,
}

impl From<AuditLine> for AuditEntryDto {
    fn from(line: AuditLine) -> Self {
        Self {
            id: line.id.to_string(),
            at: rfc3339(line.at),
            account_id: line.account_id.map(|id| id.to_string()),
            role: line.role,
            action: line.action,
            subject: line.subject,
            district: line.district,
            request_id: line.request_id,
            detail: line.detail,
            sequence: line.sequence,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditHead)]
pub struct AuditHeadDto {
    /// Number of sealed lines.
    sequence: i64,
    /// SHA-256 over the chain, hexadecimal. Kept elsewhere, it shows a tail that was cut later.
    hash: String,
}

impl From<ChainHead> for AuditHeadDto {
    fn from(head: ChainHead) -> Self {
        Self {
            sequence: head.sequence,
            hash: hex::encode(head.hash),
        }
    }
}
