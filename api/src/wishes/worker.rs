//! For the worker who wishes.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::id::kind,
    wishes::{ThanksForm, WishForm, WishService},
};

use super::{
    request::{NewThanksDto, NewWishDto},
    wish_view::{OwnWishDto, WishReceiptDto},
};
use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Asks for a small thing.
#[utoipa::path(tag = "wishes", request_body = NewWishDto, responses((status = 201, body = WishReceiptDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/wishes")]
pub async fn submit_wish(
    wishes: web::Data<WishService>,
    write: Idempotent<NewWishDto>,
) -> Result<HttpResponse, Problem> {
    let form = WishForm::from(write.body);
    let answer = wishes
        .submit(&write.actor, &write.request, &form)
        .await?
        .map(WishReceiptDto::from);
    Ok(reply::created(
        format!("/api/v1/wishes/{}", answer.value.id),
        answer,
    ))
}

/// The caller's own wishes, newest first; the pick-up code while a parcel waits.
#[utoipa::path(tag = "wishes", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<OwnWishDto>)), security(("bearer" = [])))]
#[get("/me/wishes")]
pub async fn list_my_wishes(
    wishes: web::Data<WishService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wishes.list_own(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, OwnWishDto::from)))
}

/// Takes a wish back that nobody has claimed.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = WishReceiptDto)), security(("bearer" = [])))]
#[post("/wishes/{id}/withdrawal")]
pub async fn withdraw_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(WishReceiptDto::from(
        wishes.withdraw(&caller.0, id.0).await?,
    )))
}

/// Thanks the donor, after the handover.
#[utoipa::path(tag = "wishes", params(("id" = String, Path)), request_body = NewThanksDto,
    responses((status = 200, body = WishReceiptDto)), security(("bearer" = [])))]
#[post("/wishes/{id}/thanks")]
pub async fn thank_for_wish(
    wishes: web::Data<WishService>,
    caller: Caller,
    id: IdPath<kind::Wish>,
    body: Strict<NewThanksDto>,
) -> Result<HttpResponse, Problem> {
    let receipt = wishes
        .thank(&caller.0, id.0, &ThanksForm::from(body.0))
        .await?;
    Ok(reply::ok(WishReceiptDto::from(receipt)))
}
