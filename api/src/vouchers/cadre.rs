//! For cadres: a batch from draft to end.

use actix_web::{HttpResponse, get, post, put, web};
use niangjia_domain::{
    kernel::{Answer, id::kind},
    vouchers::{BatchService, batches::batch::Switch},
};

use super::{
    CheckerDecisionDto,
    batch_view::{BatchDto, ConservationDto},
    request::{BatchQuery, BudgetChangeDto, NewVoucherBatchDto, QuotaChangeDto},
};
use crate::http::{
    extract::{Caller, Empty, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Drafts a batch in the caller's district.
#[utoipa::path(tag = "vouchers", request_body = NewVoucherBatchDto, responses((status = 201, body = BatchDto)),
    security(("bearer" = [])))]
#[post("/admin/voucher-batches")]
pub async fn draft_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    body: Strict<NewVoucherBatchDto>,
) -> Result<HttpResponse, Problem> {
    let batch = BatchDto::from(batches.draft(&caller.0, body.0.into()).await?);
    Ok(reply::created(
        format!("/api/v1/admin/voucher-batches/{}", batch.id),
        Answer::fresh(batch),
    ))
}

/// Batches of the caller's area, newest first.
#[utoipa::path(tag = "vouchers",
    params(BatchQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<BatchDto>)), security(("bearer" = [])))]
#[get("/admin/voucher-batches")]
pub async fn list_admin_voucher_batches(
    batches: web::Data<BatchService>,
    caller: Caller,
    query: web::Query<BatchQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = batches.batches(&caller.0, query.status()?, page.0).await?;
    Ok(reply::ok(PageView::of(page, BatchDto::from)))
}

/// One batch of the caller's area.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = BatchDto)),
    security(("bearer" = [])))]
#[get("/admin/voucher-batches/{id}")]
pub async fn get_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.batch(&caller.0, id.0).await?,
    )))
}

/// Replaces a draft, such as one that was sent back.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = NewVoucherBatchDto,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[put("/admin/voucher-batches/{id}")]
pub async fn redraft_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    body: Strict<NewVoucherBatchDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.redraft(&caller.0, id.0, body.0.into()).await?,
    )))
}

/// Starts a submitted batch, sends it back, or rejects it; never by its maker.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = CheckerDecisionDto,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/decisions")]
pub async fn decide_on_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    body: Strict<CheckerDecisionDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.decide(&caller.0, id.0, body.0.try_into()?).await?,
    )))
}

/// Hands a draft to a checker; its rules are frozen.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = BatchDto)), security(("bearer" = [])))]
#[post("/admin/voucher-batches/{id}/submission")]
pub async fn submit_voucher_batch(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(BatchDto::from(
        batches.submit(&caller.0, id.0).await?,
    )))
}

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

/// The conservation equations of a batch, checked now.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = ConservationDto)),
    security(("bearer" = [])))]
#[get("/admin/voucher-batches/{id}/conservation")]
pub async fn get_voucher_conservation(
    batches: web::Data<BatchService>,
    caller: Caller,
    id: IdPath<kind::VoucherBatch>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(ConservationDto::from(
        batches.conservation(&caller.0, id.0).await?,
    )))
}
