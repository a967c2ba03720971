//! For donors.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::id::kind,
    wishes::{ClaimForm, WishService, claims::wish_claim::Parcel},
};

use super::{
    claim_view::{ClaimReceiptDto, ClaimStepDto, OwnClaimDto},
    request::{CancellationDto, DispatchDto, NewClaimDto},
};
use crate::http::{
    extract::{Caller, IdPath, Idempotent, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Claims a published wish; the first one wins.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = NewClaimDto,
    responses((status = 201, body = ClaimReceiptDto)), security(("bearer" = [])),
    extensions(("x-idempotent" = json!(true))))]
#[post("/wishes/{id}/claims")]
pub async fn claim_wish(
    wishes: web::Data<WishService>,
    id: IdPath<kind::Wish>,
    write: Idempotent<NewClaimDto>,
) -> Result<HttpResponse, Problem> {
    let form = ClaimForm::from(write.body);
    let answer = wishes
        .claim(&write.actor, &write.request, id.0, &form)
        .await?
        .map(ClaimReceiptDto::from);
    Ok(reply::created(
        format!("/api/v1/wish-claims/{}", answer.value.id),
        answer,
    ))
}

/// The caller's claims, newest first.
#[utoipa::path(tag = "wishes", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<OwnClaimDto>)), security(("bearer" = [])))]
#[get("/me/wish-claims")]
pub async fn list_my_wish_claims(
    wishes: web::Data<WishService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wishes.list_own_claims(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, OwnClaimDto::from)))
}

/// The goods are on their way to the station.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = DispatchDto,
    responses((status = 200, body = ClaimStepDto)), security(("bearer" = [])))]
#[post("/wish-claims/{id}/dispatch")]
pub async fn dispatch_wish_claim(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::WishClaim>,
    body: Strict<DispatchDto>,
) -> Result<HttpResponse, Problem> {
    let parcel = Parcel::parse(body.0.carrier.as_deref(), body.0.tracking_no.as_deref())?;
    Ok(reply::ok(ClaimStepDto::from(
        wishes.dispatch(&caller.0, id.0, parcel).await?,
    )))
}

/// Gives the claim up; the wish returns to the wall.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = CancellationDto,
    responses((status = 200, body = ClaimStepDto)), security(("bearer" = [])))]
#[post("/wish-claims/{id}/cancellation")]
pub async fn cancel_wish_claim(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::WishClaim>,
    body: Strict<CancellationDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(ClaimStepDto::from(
        wishes
            .cancel(&caller.0, id.0, body.0.reason.as_deref())
            .await?,
    )))
}
