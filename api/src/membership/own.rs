//! For workers: the form, joining, one's own membership, card and consents.

use actix_web::{HttpResponse, delete, get, post, web};
use niangjia_domain::{kernel::Answer, membership::MembershipService};

use super::{
    apply_dto::{ConsentGivenDto, JoinDto},
    form_dto::FormDto,
    views::{CardDto, ConsentDto, MembershipDto},
};
use crate::http::{
    extract::{Caller, Empty, Idempotent, Strict},
    problem::Problem,
    reply,
};

/// Lists to choose from, texts to agree to, and what a roster already knows.
#[utoipa::path(tag = "membership", responses((status = 200, body = FormDto)), security(("bearer" = [])))]
#[get("/membership-form")]
pub async fn get_membership_form(
    membership: web::Data<MembershipService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(FormDto::from(membership.form(&caller.0).await?)))
}

/// Joins the union: one tap for a phone on a roster, three fields otherwise.
#[utoipa::path(tag = "membership", request_body = JoinDto, responses((status = 201, body = MembershipDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/memberships")]
pub async fn join_union(
    membership: web::Data<MembershipService>,
    write: Idempotent<JoinDto>,
) -> Result<HttpResponse, Problem> {
    let answer = membership
        .join(&write.actor, &write.request, write.body.into())
        .await?;
    Ok(reply::created(
        "/api/v1/me/membership",
        answer.map(MembershipDto::from),
    ))
}

/// One's own membership, live or ended.
#[utoipa::path(tag = "membership", responses((status = 200, body = MembershipDto)), security(("bearer" = [])))]
#[get("/me/membership")]
pub async fn get_my_membership(
    membership: web::Data<MembershipService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(MembershipDto::from(
        membership.own(&caller.0).await?,
    )))
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

/// Leaves the union, or takes an application back.
#[utoipa::path(tag = "membership", request_body = Empty, responses((status = 200, body = MembershipDto)),
    security(("bearer" = [])))]
#[post("/me/membership/withdrawal")]
pub async fn withdraw_membership(
    membership: web::Data<MembershipService>,
    caller: Caller,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(MembershipDto::from(
        membership.withdraw(&caller.0).await?,
    )))
}

/// Agrees to the text in force.
#[utoipa::path(tag = "membership", request_body = ConsentGivenDto, responses((status = 201, body = ConsentDto)),
    security(("bearer" = [])))]
#[post("/me/consents")]
pub async fn give_consent(
    membership: web::Data<MembershipService>,
    caller: Caller,
    body: Strict<ConsentGivenDto>,
) -> Result<HttpResponse, Problem> {
    let given = ConsentDto::from(
        membership
            .give_consent(&caller.0, &body.0.purpose, &body.0.version)
            .await?,
    );
    Ok(reply::created(
        format!("/api/v1/me/consents/{}", given.purpose),
        Answer::fresh(given),
    ))
}

/// Takes a consent back; what rests on it stops.
#[utoipa::path(tag = "membership", params(("purpose" = String, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 409, description = "A live membership needs it")))]
#[delete("/me/consents/{purpose}")]
pub async fn withdraw_consent(
    membership: web::Data<MembershipService>,
    caller: Caller,
    purpose: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    membership.withdraw_consent(&caller.0, &purpose).await?;
    Ok(reply::no_content())
}
