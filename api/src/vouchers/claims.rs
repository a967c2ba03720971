//! Claiming a voucher, first come first served: one of the storms, so nothing is read here before
//! the claim.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{kernel::id::kind, vouchers::ClaimService};

use super::wallet::VoucherDto;
use crate::http::{
    extract::{Empty, GroupWrite, IdPath},
    problem::Problem,
    reply,
};

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
