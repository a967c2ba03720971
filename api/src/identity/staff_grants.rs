//! Who holds which role where inside the caller's area, and taking it away, which holds at once.

use actix_web::{HttpResponse, delete, get, web};
use niangjia_domain::{
    identity::{IdentityService, staff::staff_grant::StaffGrant},
    kernel::{Role, id::kind, values::local_time::rfc3339},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::ScopeDto;
use crate::http::{
    extract::{Caller, IdPath, Paging},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StaffGrant)]
pub struct StaffGrantDto {
    id: String,
    account_id: String,
    #[schema(value_type = String)]
    role: Role,
    scope: Option<ScopeDto>,
    granted_at: String,
}

impl From<StaffGrant> for StaffGrantDto {
    fn from(grant: StaffGrant) -> Self {
        Self {
            id: grant.id.to_string(),
            account_id: grant.account_id.to_string(),
            role: grant.grant.role(),
            scope: ScopeDto::of(&grant.grant),
            granted_at: rfc3339(grant.granted_at),
        }
    }
}

/// Roles inside the caller's area.
#[utoipa::path(tag = "identity", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<StaffGrantDto>)), security(("bearer" = [])))]
#[get("/admin/staff-grants")]
pub async fn list_staff_grants(
    identity: web::Data<IdentityService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = identity.staff_grants(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, StaffGrantDto::from)))
}

/// Takes a role away, at once.
#[utoipa::path(tag = "identity", params(("id" = String, Path)), responses((status = 204)), security(("bearer" = [])))]
#[delete("/admin/staff-grants/{id}")]
pub async fn withdraw_staff_grant(
    identity: web::Data<IdentityService>,
    caller: Caller,
    id: IdPath<kind::Grant>,
) -> Result<HttpResponse, Problem> {
    identity.withdraw_grant(&caller.0, id.0).await?;
    Ok(reply::no_content())
}
