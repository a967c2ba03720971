//! A worker's seats. Booking one needs the consent to keep what is about health; a seat of
//! somebody else is not found.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use niangjia_domain::{
    checkups::{
        BookSeat, BookingView, CheckupService, Ticket,
        view::{SessionBrief, SlotBrief},
    },
    kernel::{
        AccessError,
        id::{SlotId, kind},
        values::local_time::rfc3339,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewBookingDto {
    slot_id: String,
    /// One of the session's packages.
    package: Option<String>,
    health_consent: HealthConsentDto,
}

impl TryFrom<NewBookingDto> for BookSeat {
    type Error = AccessError;

    fn try_from(dto: NewBookingDto) -> Result<Self, AccessError> {
        let slot_id: SlotId = dto.slot_id.parse().map_err(|_| AccessError::NotFound)?;
        Ok(Self {
            slot_id,
            package: dto.package,
            consent_version: dto.health_consent.version,
        })
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthConsentDto {
    /// Version of the text that was shown and agreed to.
    version: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupBooking)]
pub struct BookingDto {
    pub id: String,
    /// `booked`, `checked_in`, `completed` or `cancelled`.
    status: &'static str,
    package: Option<String>,
    booked_at: String,
    checked_in_at: Option<String>,
    slot: SlotBriefDto,
    session: SessionBriefDto,
    /// To show at the van as a QR code; made for this answer, valid for a quarter of an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_expires_at: Option<String>,
}

impl From<Ticket> for BookingDto {
    fn from(ticket: Ticket) -> Self {
        let (code, code_expires_at) = ticket
            .code
            .map(|code| (code.text, rfc3339(code.expires_at)))
            .unzip();
        Self {
            code,
            code_expires_at,
            ..Self::from(ticket.booking)
        }
    }
}

impl From<BookingView> for BookingDto {
    fn from(view: BookingView) -> Self {
        Self {
            id: view.id.to_string(),
            status: view.status.code(),
            package: view.package,
            booked_at: rfc3339(view.booked_at),
            checked_in_at: view.checked_in_at.map(rfc3339),
            slot: view.slot.into(),
            session: view.session.into(),
            code: None,
            code_expires_at: None,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckupSlotBrief)]
pub struct SlotBriefDto {
    id: String,
    start: String,
    end: String,
}

impl From<SlotBrief> for SlotBriefDto {
    fn from(slot: SlotBrief) -> Self {
        Self {
            id: slot.id.to_string(),
            start: rfc3339(slot.start),
            end: rfc3339(slot.end),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupSessionBrief)]
pub struct SessionBriefDto {
    id: String,
    campaign_id: String,
    district: String,
    place: String,
    lng: f64,
    lat: f64,
    date: NaiveDate,
    vehicle: String,
}

impl From<SessionBrief> for SessionBriefDto {
    fn from(session: SessionBrief) -> Self {
        Self {
            id: session.id.to_string(),
            campaign_id: session.campaign_id.to_string(),
            district: session.district.to_string(),
            place: session.place,
            lng: session.location.lng(),
            lat: session.location.lat(),
            date: session.date,
            vehicle: session.vehicle,
        }
    }
}

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
