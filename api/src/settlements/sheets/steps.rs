//! A sheet's way from its freezing to its closure, as cadres take it. Nobody approves what they
//! froze.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{kernel::id::kind, settlements::SettlementService};
use serde::Deserialize;
use utoipa::ToSchema;

use super::settlement::SettlementDto;
use crate::{
    http::{
        extract::{Caller, Empty, IdPath, Strict},
        problem::Problem,
        reply,
    },
    vouchers::CheckerDecisionDto,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementReasonDto {
    /// 2 to 200 characters.
    pub reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentDto {
    /// The bank's or the accounts' own number, 1 to 64 characters.
    reference: String,
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
