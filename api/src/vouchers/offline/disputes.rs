//! The queue of offline scans that do not add up.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::id::kind,
    vouchers::offline::{OfflineService, Resolution},
};

use super::dispute_view::{DisputeDto, DisputeQuery, ResolutionDto};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Disputed scans of the caller's area, newest first.
#[utoipa::path(tag = "vouchers",
    params(DisputeQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<DisputeDto>)), security(("bearer" = [])))]
#[get("/admin/disputed-scans")]
pub async fn list_disputed_scans(
    offline: web::Data<OfflineService>,
    caller: Caller,
    query: web::Query<DisputeQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = offline.disputes(&caller.0, query.filter()?, page.0).await?;
    Ok(reply::ok(PageView::of(page, DisputeDto::from)))
}

/// Pays the station by an adjustment, leaves it with the cost, or judges the scan again.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = ResolutionDto,
    responses((status = 200, body = DisputeDto)), security(("bearer" = [])))]
#[post("/admin/disputed-scans/{id}/resolution")]
pub async fn resolve_disputed_scan(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::DisputedScan>,
    body: Strict<ResolutionDto>,
) -> Result<HttpResponse, Problem> {
    let resolution = Resolution::parse(&body.0.resolution)?;
    Ok(reply::ok(DisputeDto::from(
        offline
            .resolve(&caller.0, id.0, resolution, &body.0.reason, body.0.revision)
            .await?,
    )))
}
