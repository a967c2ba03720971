//! For station staff.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, id::kind},
    vouchers::{ScanAnswer, ScanService},
};

use super::{
    request::{AnnulmentDto, DayQuery, ScanDto},
    scan_view::{AcceptedScanDto, RedemptionDto},
};
use crate::http::{
    extract::{Caller, GroupWrite, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Redeems a voucher. The idempotency key is the scan's id: the same id always gets the first
/// answer, refusals too.
#[utoipa::path(tag = "vouchers", request_body = ScanDto, responses((status = 201, body = AcceptedScanDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/redemptions")]
pub async fn redeem_voucher(
    scans: web::Data<ScanService>,
    write: GroupWrite<ScanDto>,
) -> Result<HttpResponse, Problem> {
    let Answer { value, replayed } = scans
        .redeem(write.bearer, write.request, write.body.into())
        .await?;
    match value {
        ScanAnswer::Accepted {
            scan,
            holder_masked,
        } => {
            let value = AcceptedScanDto::new(scan, holder_masked);
            Ok(reply::created(
                format!("/api/v1/redemptions/{}", value.id),
                Answer { value, replayed },
            ))
        }
        ScanAnswer::Refused { reason, used } => {
            Err(Problem::refused_scan(reason, used.as_ref()).replayed(replayed))
        }
    }
}

/// Undoes a mistaken scan of the caller's station, within fifteen minutes.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = AnnulmentDto,
    responses((status = 200, body = RedemptionDto)), security(("bearer" = [])))]
#[post("/redemptions/{id}/annulment")]
pub async fn annul_redemption(
    scans: web::Data<ScanService>,
    caller: Caller,
    id: IdPath<kind::Redemption>,
    body: Strict<AnnulmentDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(RedemptionDto::from(
        scans.annul(&caller.0, id.0, &body.0.reason).await?,
    )))
}

/// A day of the caller's station, newest first.
#[utoipa::path(tag = "vouchers",
    params(("id" = String, Path), DayQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<RedemptionDto>)), security(("bearer" = [])))]
#[get("/stations/{id}/redemptions")]
pub async fn list_station_redemptions(
    scans: web::Data<ScanService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    query: web::Query<DayQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = scans
        .redemptions_at(&caller.0, id.0, query.day()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, RedemptionDto::from)))
}
