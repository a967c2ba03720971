//! For cadres: the queue, decisions, reveals; and for everybody at a counter: is this card good?

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::id::kind,
    membership::{ApplicationDecision, MembershipService, Reveal},
};

use super::{
    review_dto::{
        ApplicationDto, ApplicationQuery, CardCodeDto, DecisionDto, RevealDto, RevealedDto,
    },
    views::{CardCheckDto, MembershipDto},
};
use crate::http::{
    extract::{Caller, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Applications of the caller's area, masked, with due times.
#[utoipa::path(tag = "membership", responses((status = 200, body = PageView<ApplicationDto>)), security(("bearer" = [])),
    params(ApplicationQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)))]
#[get("/admin/membership-applications")]
pub async fn list_applications(
    membership: web::Data<MembershipService>,
    caller: Caller,
    query: web::Query<ApplicationQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = membership
        .applications(&caller.0, query.filter()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, ApplicationDto::from)))
}

/// Accepts an application, sends it back for correction, or rejects it.
#[utoipa::path(tag = "membership", params(("id" = String, Path)), request_body = DecisionDto,
    responses((status = 200, body = MembershipDto)), security(("bearer" = [])))]
#[post("/admin/memberships/{id}/decisions")]
pub async fn decide_on_membership(
    membership: web::Data<MembershipService>,
    caller: Caller,
    id: IdPath<kind::Membership>,
    body: Strict<DecisionDto>,
) -> Result<HttpResponse, Problem> {
    let decision = ApplicationDecision::parse(&body.0.decision, body.0.reason.as_deref())?;
    Ok(reply::ok(MembershipDto::from(
        membership
            .decide(&caller.0, id.0, decision, body.0.revision)
            .await?,
    )))
}

/// Shows personal data in clear, with a reason; audited and limited.
#[utoipa::path(tag = "membership", params(("id" = String, Path)), request_body = RevealDto,
    responses((status = 200, body = RevealedDto)), security(("bearer" = [])))]
#[post("/admin/persons/{id}/reveals")]
pub async fn reveal_person(
    membership: web::Data<MembershipService>,
    caller: Caller,
    id: IdPath<kind::Person>,
    body: Strict<RevealDto>,
) -> Result<HttpResponse, Problem> {
    let reveal = Reveal::parse(&body.0.fields, &body.0.reason)?;
    Ok(reply::ok(RevealedDto::from(
        membership.reveal(&caller.0, id.0, reveal).await?,
    )))
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
