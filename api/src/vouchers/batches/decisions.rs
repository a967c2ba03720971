//! What a checker says about the work of a maker: a batch before it runs, a settlement before it
//! is paid.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::{Invalid, id::kind},
    vouchers::{BatchService, DecisionInput},
};
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
pub struct CheckerDecisionDto {
    /// `approve`, `return` or `reject`.
    #[schema(example = "approve")]
    decision: String,
    /// Needed for `return` and `reject`.
    reason: Option<String>,
}

impl TryFrom<CheckerDecisionDto> for DecisionInput {
    type Error = Invalid;

    fn try_from(dto: CheckerDecisionDto) -> Result<Self, Invalid> {
        match dto.decision.as_str() {
            "approve" => Ok(Self::Approve),
            "return" => Ok(Self::Return { reason: dto.reason }),
            "reject" => Ok(Self::Reject { reason: dto.reason }),
            _ => Err(Invalid::field(
                "decision",
                "decision_unknown",
                "请选择通过、退回或驳回",
            )),
        }
    }
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
