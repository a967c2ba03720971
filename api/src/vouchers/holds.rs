//! For reviewers: redemptions on hold, and deciding about them.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{kernel::id::kind, vouchers::collusion::CollusionService};

use super::{
    hold_request::{HoldDecisionDto, HoldsQuery},
    hold_view::HoldDto,
};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Redemptions of the caller's area that look like collusion, newest first. Until they are decided
/// they are not paid.
#[utoipa::path(tag = "vouchers",
    params(HoldsQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<HoldDto>)), security(("bearer" = [])))]
#[get("/admin/redemption-holds")]
pub async fn list_redemption_holds(
    collusion: web::Data<CollusionService>,
    caller: Caller,
    query: web::Query<HoldsQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = collusion.holds(&caller.0, query.checked()?, page.0).await?;
    Ok(reply::ok(PageView::of(page, HoldDto::from)))
}

/// Releases a held redemption for payment, or rejects it for good; never by whoever scanned or ate
/// it.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = HoldDecisionDto,
    responses((status = 200, body = HoldDto)), security(("bearer" = [])))]
#[post("/admin/redemption-holds/{id}/decisions")]
pub async fn decide_on_redemption_hold(
    collusion: web::Data<CollusionService>,
    caller: Caller,
    id: IdPath<kind::Redemption>,
    body: Strict<HoldDecisionDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(HoldDto::from(
        collusion.decide(&caller.0, id.0, body.0.into()).await?,
    )))
}
