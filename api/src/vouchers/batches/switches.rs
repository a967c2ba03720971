//! Pausing, resuming, stopping and closing a batch. Vouchers that are issued stay good when their
//! batch is stopped.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::id::kind,
    vouchers::{BatchService, batches::batch::Switch},
};

use super::batch::BatchDto;
use crate::http::{
    extract::{Caller, Empty, IdPath, Strict},
    problem::Problem,
    reply,
};

/// No claims and no scans until it is resumed.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/pause")]
pub async fn pause_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.switch(&caller.0, id.0, Switch::Pause).await?,
    )))
}

/// Lets a paused batch go on.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/resume")]
pub async fn resume_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.switch(&caller.0, id.0, Switch::Resume).await?,
    )))
}

/// Ends issuing for good; vouchers issued so far stay good.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/stop")]
pub async fn stop_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.switch(&caller.0, id.0, Switch::Stop).await?,
    )))
}

/// Closes the books of a batch that is over, once nothing is left to use, to give back or to
/// settle.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/closure")]
pub async fn close_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.close(&caller.0, id.0).await?,
    )))
}
