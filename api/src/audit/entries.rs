//! Searching the trail: by who, what, which object, when and area, inside the reader's own.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    audit::{AuditLine, AuditService},
    kernel::values::local_time::rfc3339,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::query::AuditEntriesQuery;
use crate::http::{
    extract::{Caller, Paging},
    problem::Problem,
    reply::{self, PageView},
};

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
    /// Where: a district code, `everywhere`, or `own_account` for what somebody did with their own
    /// account.
    #[schema(example = "370811")]
    area: String,
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
            area: line.area,
            request_id: line.request_id,
            detail: line.detail,
            sequence: line.sequence,
        }
    }
}

/// Who did what in the caller's area, newest first.
#[utoipa::path(tag = "audit",
    params(AuditEntriesQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<AuditEntryDto>)), security(("bearer" = [])))]
#[get("/admin/audit-entries")]
pub async fn list_audit_entries(
    audit: web::Data<AuditService>,
    caller: Caller,
    query: web::Query<AuditEntriesQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = audit.entries(&caller.0, &query.checked()?, page.0).await?;
    Ok(reply::ok(PageView::of(page, AuditEntryDto::from)))
}
