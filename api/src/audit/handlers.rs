//! One handler an operation; its name is the operation id.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::audit::AuditService;

use super::dto::{AuditEntryDto, AuditHeadDto};
use crate::http::{
    extract::{Caller, Paging},
    problem::Problem,
    reply::{self, PageView},
};

/// Who did what in the caller's area, newest first.
#[utoipa::path(tag = "audit", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<AuditEntryDto>)), security(("bearer" = [])))]
#[get("/admin/audit-entries")]
pub async fn list_audit_entries(
    audit: web::Data<AuditService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = audit.entries(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, AuditEntryDto::from)))
}

/// The hash chain's head, to be kept elsewhere.
#[utoipa::path(tag = "audit", responses((status = 200, body = AuditHeadDto)), security(("bearer" = [])))]
#[get("/admin/audit-head")]
pub async fn get_audit_head(
    audit: web::Data<AuditService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    let head = audit.head(&caller.0).await?;
    Ok(reply::ok(AuditHeadDto::from(head)))
}
