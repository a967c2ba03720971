//! For cadres: a sheet from opening to closure, and adjustments. Staff of the station may read
//! theirs.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, id::kind},
    settlements::SettlementService,
};

use super::{
    request::{AdjustmentDto, NewSettlementDto, PaymentDto, SettlementQuery, SettlementReasonDto},
    view::{AdjustmentViewDto, LineDto, SettlementDto},
};
use crate::{
    http::{
        extract::{Caller, Empty, IdPath, Paging, Strict},
        problem::Problem,
        reply::{self, PageView},
    },
    vouchers::CheckerDecisionDto,
};

/// Opens a sheet for a station of the caller's district. Periods of a station do not overlap.
#[utoipa::path(tag = "settlements", request_body = NewSettlementDto, responses((status = 201, body = SettlementDto)),
    security(("bearer" = [])))]
#[post("/admin/settlements")]
pub async fn open_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    body: Strict<NewSettlementDto>,
) -> Result<HttpResponse, Problem> {
    let settlement = SettlementDto::from(settlements.open(&caller.0, body.0.into()).await?);
    Ok(reply::created(
        format!("/api/v1/admin/settlements/{}", settlement.id),
        Answer::fresh(settlement),
    ))
}

/// Sheets of the caller's area, newest first.
#[utoipa::path(tag = "settlements",
    params(SettlementQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<SettlementDto>)), security(("bearer" = [])))]
#[get("/admin/settlements")]
pub async fn list_settlements(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    query: web::Query<SettlementQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = settlements
        .settlements(&caller.0, query.filter()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, SettlementDto::from)))
}

/// One sheet, for readers of the area and for the station's staff.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), responses((status = 200, body = SettlementDto)),
    security(("bearer" = [])))]
#[get("/admin/settlements/{id}")]
pub async fn get_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements.settlement(&caller.0, id.0).await?,
    )))
}

/// A sheet's lines in order, for readers of the area and for the station's staff.
#[utoipa::path(tag = "settlements",
    params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<LineDto>)), security(("bearer" = [])))]
#[get("/admin/settlements/{id}/lines")]
pub async fn list_settlement_lines(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = settlements.lines(&caller.0, id.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, LineDto::from)))
}

/// Takes everything payable into the sheet; the period must be over.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = SettlementDto)), security(("bearer" = [])))]
#[post("/admin/settlements/{id}/freeze")]
pub async fn freeze_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements.freeze(&caller.0, id.0).await?,
    )))
}

/// Approves a confirmed sheet, sends it back or rejects it; never by somebody who had a hand in it.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = CheckerDecisionDto,
    responses((status = 200, body = SettlementDto)), security(("bearer" = [])))]
#[post("/admin/settlements/{id}/decisions")]
pub async fn decide_on_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    body: Strict<CheckerDecisionDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements
            .decide(&caller.0, id.0, body.0.try_into()?)
            .await?,
    )))
}

/// Notes the payment of an approved sheet.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = PaymentDto,
    responses((status = 200, body = SettlementDto)), security(("bearer" = [])))]
#[post("/admin/settlements/{id}/payment")]
pub async fn pay_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    body: Strict<PaymentDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements.pay(&caller.0, id.0, &body.0.reference).await?,
    )))
}

/// Ends a paid sheet.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = SettlementDto)), security(("bearer" = [])))]
#[post("/admin/settlements/{id}/closure")]
pub async fn close_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements.close(&caller.0, id.0).await?,
    )))
}

/// Calls off a sheet that the merchant has not confirmed; its days are free for another.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = SettlementReasonDto,
    responses((status = 200, body = SettlementDto)), security(("bearer" = [])))]
#[post("/admin/settlements/{id}/cancellation")]
pub async fn cancel_settlement(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    body: Strict<SettlementReasonDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(SettlementDto::from(
        settlements.cancel(&caller.0, id.0, &body.0.reason).await?,
    )))
}

/// Corrects a redemption of an approved sheet in the station's next one; once.
#[utoipa::path(tag = "settlements", params(("id" = String, Path)), request_body = AdjustmentDto,
    responses((status = 200, body = AdjustmentViewDto)), security(("bearer" = [])))]
#[post("/admin/redemptions/{id}/adjustment")]
pub async fn adjust_redemption(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Redemption>,
    body: Strict<AdjustmentDto>,
) -> Result<HttpResponse, Problem> {
    let AdjustmentDto { amount_fen, reason } = body.0;
    Ok(reply::ok(AdjustmentViewDto::from(
        settlements
            .adjust(&caller.0, id.0, amount_fen, &reason)
            .await?,
    )))
}
