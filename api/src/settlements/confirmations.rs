//! The merchant's answer to a frozen sheet: yes to this very one, or no with a reason.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{kernel::id::kind, settlements::SettlementService};
use serde::Deserialize;
use utoipa::ToSchema;

use super::sheets::{settlement::SettlementDto, steps::SettlementReasonDto};
use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationDto {
    /// The hash of the sheet that was looked at; another sheet is then not confirmed by mistake.
    hash: Option<String>,
}

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
