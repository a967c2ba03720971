//! For workers.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Answer, id::kind},
    vouchers::{ClaimService, CodeService, WalletService},
};

use super::{
    batch_view::OfferDto,
    request::{CodeSecretRequestDto, VoucherQuery},
    voucher_view::{CodeDto, CodeSecretDto, VoucherDto},
};
use crate::http::{
    extract::{Caller, Empty, GroupWrite, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Running batches, with what keeps the caller from each.
#[utoipa::path(tag = "vouchers", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<OfferDto>)), security(("bearer" = [])))]
#[get("/voucher-batches")]
pub async fn list_voucher_batches(
    claims: web::Data<ClaimService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = claims.offers(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, OfferDto::from)))
}

/// Claims a voucher.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = Empty,
    responses((status = 201, body = VoucherDto)), security(("bearer" = [])),
    extensions(("x-idempotent" = json!(true))))]
#[post("/voucher-batches/{id}/claims")]
pub async fn claim_voucher(
    claims: web::Data<ClaimService>,
    id: IdPath<kind::VoucherBatch>,
    write: GroupWrite<Empty>,
) -> Result<HttpResponse, Problem> {
    let answer = claims
        .claim(write.bearer, write.request, id.0)
        .await?
        .map(VoucherDto::from);
    Ok(reply::created(
        format!("/api/v1/vouchers/{}", answer.value.id),
        answer,
    ))
}

/// The caller's vouchers, newest first.
#[utoipa::path(tag = "vouchers",
    params(VoucherQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<VoucherDto>)), security(("bearer" = [])))]
#[get("/me/vouchers")]
pub async fn list_my_vouchers(
    wallet: web::Data<WalletService>,
    caller: Caller,
    query: web::Query<VoucherQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wallet
        .my_vouchers(&caller.0, query.state()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, VoucherDto::from)))
}

/// One of the caller's vouchers.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = VoucherDto)),
    security(("bearer" = [])))]
#[get("/vouchers/{id}")]
pub async fn get_voucher(
    wallet: web::Data<WalletService>,
    caller: Caller,
    id: IdPath<kind::Voucher>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(VoucherDto::from(
        wallet.my_voucher(&caller.0, id.0).await?,
    )))
}

/// Tells this phone, once, the secret from which it computes codes offline; other phones' secrets
/// are retired.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = CodeSecretRequestDto,
    responses((status = 201, body = CodeSecretDto)), security(("bearer" = [])))]
#[post("/vouchers/{id}/code-secret")]
pub async fn deliver_code_secret(
    codes: web::Data<CodeService>,
    caller: Caller,
    id: IdPath<kind::Voucher>,
    body: Strict<CodeSecretRequestDto>,
) -> Result<HttpResponse, Problem> {
    let delivered = codes
        .deliver_secret(&caller.0, id.0, &body.0.device_id)
        .await?;
    Ok(reply::created(
        format!("/api/v1/vouchers/{}", id.0),
        Answer::fresh(CodeSecretDto::from(delivered)),
    ))
}

/// The code of this moment, for phones that prefer the server.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = CodeDto)),
    security(("bearer" = [])))]
#[get("/vouchers/{id}/code")]
pub async fn show_voucher_code(
    codes: web::Data<CodeService>,
    caller: Caller,
    id: IdPath<kind::Voucher>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(CodeDto::from(
        codes.show_code(&caller.0, id.0).await?,
    )))
}
