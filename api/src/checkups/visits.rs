//! What staff do at the van.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    checkups::{CheckIn, CheckupService},
    kernel::id::kind,
};

use super::booking_dto::{BookingDto, CheckInDto, NewCheckInDto};
use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Strict},
    problem::Problem,
    reply,
};

/// Scans a code: the visit starts. A second scan gets the first one's result.
#[utoipa::path(tag = "checkups", request_body = NewCheckInDto, responses((status = 201, body = CheckInDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/checkup-check-ins")]
pub async fn check_in(
    checkups: web::Data<CheckupService>,
    write: Idempotent<NewCheckInDto>,
) -> Result<HttpResponse, Problem> {
    let answer = checkups
        .check_in(&write.actor, &write.request, CheckIn::try_from(write.body)?)
        .await?;
    let answer = answer.map(CheckInDto::from);
    Ok(reply::created(
        format!("/api/v1/checkup-bookings/{}", answer.value.booking_id),
        answer,
    ))
}

/// Everything was examined.
#[utoipa::path(tag = "checkups", params(("id" = String, Path)), request_body = Empty, responses((status = 200, body = BookingDto)), security(("bearer" = [])))]
#[post("/checkup-bookings/{id}/completion")]
pub async fn complete_checkup(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    id: IdPath<kind::Booking>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    let booking = checkups.complete(&caller.0, id.0).await?;
    Ok(reply::ok(BookingDto::from(booking)))
}
