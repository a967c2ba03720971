//! The head of the hash chain.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::audit::{AuditService, ChainHead};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{extract::Caller, problem::Problem, reply};

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
