//! The card that a member shows, and whether a shown one is genuine, fresh, and its holder still a
//! member.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::values::local_time,
    membership::{CardCheck, CardView, MembershipService},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MembershipCard)]
pub struct CardDto {
    member_no: String,
    name_masked: String,
    /// `provisional` or `active`
    status: &'static str,
    union_name: String,
    /// Shown as a QR code; good for two minutes.
    code: String,
    expires_at: String,
}

impl From<CardView> for CardDto {
    fn from(card: CardView) -> Self {
        Self {
            member_no: card.member_no,
            name_masked: card.name_masked,
            status: card.status.code(),
            union_name: card.union_name,
            code: card.code,
            expires_at: local_time::rfc3339(card.expires_at),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCardCheck)]
pub struct CardCodeDto {
    /// What the card's QR code says.
    code: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardCheck)]
pub struct CardCheckDto {
    member_no: String,
    name_masked: String,
    status: &'static str,
    union_name: String,
}

impl From<CardCheck> for CardCheckDto {
    fn from(check: CardCheck) -> Self {
        Self {
            member_no: check.member_no,
            name_masked: check.name_masked,
            status: check.status.code(),
            union_name: check.union_name,
        }
    }
}

/// The card: member number and a short-lived code.
#[utoipa::path(tag = "membership", responses((status = 200, body = CardDto)), security(("bearer" = [])))]
#[get("/me/membership/card")]
pub async fn get_my_card(
    membership: web::Data<MembershipService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(CardDto::from(membership.card(&caller.0).await?)))
}

/// Whether a shown card is genuine, fresh, and its holder still a member.
#[utoipa::path(tag = "membership", request_body = CardCodeDto, responses((status = 200, body = CardCheckDto)),
    security(("bearer" = [])))]
#[post("/membership-card-checks")]
pub async fn check_card(
    membership: web::Data<MembershipService>,
    caller: Caller,
    body: Strict<CardCodeDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(CardCheckDto::from(
        membership.check_card(&caller.0, &body.0.code).await?,
    )))
}
