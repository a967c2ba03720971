//! For reviewers: redemptions on suspension, and deciding about them.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{kernel::id::kind, vouchers::collusion::CollusionService};

use super::{
    suspension_request::{SuspensionDecisionDto, SuspensionsQuery},
    suspension_view::SuspensionDto,
};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Redemptions of the caller's area that look like collusion, newest first. Until they are decided
/// they are not paid.
#[utoipa::path(tag = "vouchers",
    params(SuspensionsQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SuspensionDto>)), security(("bearer" = [])))]
#[get("/admin/redemption-suspensions")]
pub async fn list_redemption_holds(
    collusion: web::Data<CollusionService>,
    caller: Caller,
    query: web::Query<SuspensionsQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = collusion
        .suspensions(&caller.0, query.checked()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, SuspensionDto::from)))
}

/// Releases a held redemption for payment, or rejects it for good; never by whoever scanned or ate
/// it.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = SuspensionDecisionDto,
    responses((status = 200, body = SuspensionDto)), security(("bearer" = [])))]
#[post("/admin/redemption-suspensions/{id}/decisions")]
pub async fn decide_on_redemption_hold(
    collusion: web::Data<CollusionService>,
    caller: Caller,
    id: IdPath<kind::Redemption>,
    body: Strict<SuspensionDecisionDto>,
) -> Result<HttpResponse, Problem> {
    let revision = body.0.revision;
    Ok(reply::ok(SuspensionDto::from(
        collusion
            .decide(&caller.0, id.0, body.0.into(), revision)
            .await?,
    )))
}
