//! What workers book.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    checkups::{BookSeat, CheckupService},
    kernel::id::kind,
};

use super::booking_dto::{BookingDto, NewBookingDto};
use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

/// Books a seat for the caller.
#[utoipa::path(tag = "checkups", request_body = NewBookingDto, responses((status = 201, body = BookingDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/checkup-bookings")]
pub async fn book_checkup(
    checkups: web::Data<CheckupService>,
    write: Idempotent<NewBookingDto>,
) -> Result<HttpResponse, Problem> {
    let answer = checkups
        .book(
            &write.actor,
            &write.request,
            BookSeat::try_from(write.body)?,
        )
        .await?;
    let answer = answer.map(BookingDto::from);
    Ok(reply::created(
        format!("/api/v1/checkup-bookings/{}", answer.value.id),
        answer,
    ))
}

/// The caller's bookings, newest first, those to come with a fresh code.
#[utoipa::path(tag = "checkups", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<BookingDto>)), security(("bearer" = [])))]
#[get("/me/checkup-bookings")]
pub async fn list_my_checkup_bookings(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = checkups.bookings_of(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, BookingDto::from)))
}

/// One of the caller's bookings.
#[utoipa::path(tag = "checkups", params(("id" = String, Path)), responses((status = 200, body = BookingDto)), security(("bearer" = [])))]
#[get("/checkup-bookings/{id}")]
pub async fn get_checkup_booking(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    id: IdPath<kind::Booking>,
) -> Result<HttpResponse, Problem> {
    let ticket = checkups.booking_of(&caller.0, id.0).await?;
    Ok(reply::ok(BookingDto::from(ticket)))
}

/// Gives the seat back, up to 24 hours before the slot starts.
#[utoipa::path(tag = "checkups", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = BookingDto)), security(("bearer" = [])))]
#[post("/checkup-bookings/{id}/cancellation")]
pub async fn cancel_checkup_booking(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    id: IdPath<kind::Booking>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    let booking = checkups.cancel(&caller.0, id.0).await?;
    Ok(reply::ok(BookingDto::from(booking)))
}
