//! More or fewer vouchers, more or less money. The caller says what they saw, so that two changes
//! at once never add up by mistake.

use actix_web::{HttpResponse, put, web};
use niangjia_domain::{kernel::id::kind, vouchers::BatchService};
use serde::Deserialize;
use utoipa::ToSchema;

use super::batch::BatchDto;
use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaChangeDto {
    /// The quota as the caller saw it.
    current: i64,
    target: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetChangeDto {
    /// The budget as the caller saw it, in fen.
    current: i64,
    /// At least one voucher's worth, in fen.
    target: i64,
}

/// More or fewer vouchers; the caller says what it saw and what it wants.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = QuotaChangeDto,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[put("/admin/voucher-batches/{id}/quota")]
pub async fn change_voucher_quota(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    body: Strict<QuotaChangeDto>,
) -> Result<HttpResponse, Problem> {
    let QuotaChangeDto { current, target } = body.0;
    Ok(reply::ok(BatchDto::from(
        batches
            .change_quota(&caller.0, id.0, current, target)
            .await?,
    )))
}

/// More or less money; the caller says what it saw and what it wants.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = BudgetChangeDto,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[put("/admin/voucher-batches/{id}/budget")]
pub async fn change_voucher_budget(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    body: Strict<BudgetChangeDto>,
) -> Result<HttpResponse, Problem> {
    let BudgetChangeDto { current, target } = body.0;
    Ok(reply::ok(BatchDto::from(
        batches
            .change_budget(&caller.0, id.0, current, target)
            .await?,
    )))
}
