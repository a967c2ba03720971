//! A cadre lets a wish on the wall, sends it back for correction, or rejects it; the last two want
//! a reason.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::id::kind,
    wishes::{WishDecision, WishService},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::own::WishReceiptDto;
use crate::http::{
    extract::{Caller, IdPath, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WishDecisionDto {
    /// `publish`, `return` or `reject`.
    #[schema(example = "publish")]
    decision: String,
    /// Of the wish, as the decider saw it.
    revision: i64,
    /// Needed for `return` and `reject`.
    reason: Option<String>,
}

/// Publishes a reviewed wish, sends it back for correction, or rejects it.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = WishDecisionDto,
    responses((status = 200, body = WishReceiptDto)), security(("bearer" = [])))]
#[post("/admin/wishes/{id}/decisions")]
pub async fn decide_on_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    body: Strict<WishDecisionDto>,
) -> Result<HttpResponse, Problem> {
    let decision = WishDecision::parse(&body.0.decision, body.0.reason.as_deref())?;
    Ok(reply::ok(WishReceiptDto::from(
        wishes
            .decide(&caller.0, id.0, decision, body.0.revision)
            .await?,
    )))
}
