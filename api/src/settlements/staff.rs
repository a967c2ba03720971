//! For station staff: the merchant's answer.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{kernel::id::kind, settlements::SettlementService};

use super::{
    request::{ConfirmationDto, SettlementReasonDto},
    view::SettlementDto,
};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// The station agrees with a frozen sheet.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = ConfirmationDto,
    responses((status = 200, body = SettlementDto)), security(("bearer" = [])))]
#[post("/admin/settlements/{id}/confirmation")]
pub async fn confirm_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    body: Strict<ConfirmationDto>,
) -> Result<HttpResponse, Problem> {
    let settlement = settlements
        .confirm(&caller.0, id.0, body.0.hash.as_deref())
        .await?;
    Ok(reply::ok(SettlementDto::from(settlement)))
}

/// The station does not agree: the sheet is open again, and its lines are free.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = SettlementReasonDto,
    responses((status = 200, body = SettlementDto)), security(("bearer" = [])))]
#[post("/admin/settlements/{id}/dispute")]
pub async fn dispute_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    body: Strict<SettlementReasonDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements.dispute(&caller.0, id.0, &body.0.reason).await?,
    )))
}

/// Sheets of the caller's station, newest first.
#[utoipa::path(tag = "settlements",
    params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SettlementDto>)), security(("bearer" = [])))]
#[get("/stations/{id}/settlements")]
pub async fn list_station_settlements(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = settlements.settlements_at(&caller.0, id.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, SettlementDto::from)))
}
