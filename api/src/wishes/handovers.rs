//! At the station: the parcel arrives, and goes to whoever knows the pick-up code.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{kernel::id::kind, wishes::WishService};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{claims::ClaimStepDto, own::WishReceiptDto};
use crate::http::{
    extract::{Empty, IdPath, Idempotent},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandoverDto {
    /// Six digits.
    #[schema(example = "204761")]
    pickup_code: String,
}

/// The parcel is here; the worker's inbox gets the pick-up code.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = ClaimStepDto)), security(("bearer" = [])),
    extensions(("x-idempotent" = json!(true))))]
#[post("/wish-claims/{id}/arrival")]
pub async fn record_wish_arrival(
    wishes: web::Data<WishService>,
    id: IdPath<kind::WishClaim>,
    write: Idempotent<Empty>,
) -> Result<HttpResponse, Problem> {
    let answer = wishes.arrive(&write.actor, &write.request, id.0).await?;
    Ok(reply::done(answer.map(ClaimStepDto::from)))
}

/// Hands the parcel to whoever says the pick-up code.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = HandoverDto,
    responses((status = 200, body = WishReceiptDto)), security(("bearer" = [])),
    extensions(("x-idempotent" = json!(true))))]
#[post("/wishes/{id}/handover")]
pub async fn hand_over_wish(
    wishes: web::Data<WishService>,
    id: IdPath<kind::Wish>,
    write: Idempotent<HandoverDto>,
) -> Result<HttpResponse, Problem> {
    let answer = wishes
        .hand_over(&write.actor, &write.request, id.0, &write.body.pickup_code)
        .await?;
    Ok(reply::done(answer.map(WishReceiptDto::from)))
}
