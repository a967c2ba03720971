//! What staff do at the van: check in whoever shows a code, and note that the check is done.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, FixedOffset, Utc};
use niangjia_domain::{
    checkups::{CheckIn, CheckInReceipt, CheckupService},
    kernel::{
        AccessError,
        id::{CheckupSessionId, kind},
        values::local_time::rfc3339,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bookings::{BookingDto, SlotBriefDto};
use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCheckInDto {
    /// What the phone showed.
    code: String,
    session_id: String,
    /// When it was scanned, if that was without network; now when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    scanned_at: Option<DateTime<FixedOffset>>,
}

impl TryFrom<NewCheckInDto> for CheckIn {
    type Error = AccessError;

    fn try_from(dto: NewCheckInDto) -> Result<Self, AccessError> {
        let session_id: CheckupSessionId =
            dto.session_id.parse().map_err(|_| AccessError::NotFound)?;
        Ok(Self {
            code: dto.code,
            session_id,
            scanned_at: dto.scanned_at.map(|at| at.with_timezone(&Utc)),
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckIn)]
pub struct CheckInDto {
    booking_id: String,
    status: &'static str,
    /// Time of the first scan.
    checked_in_at: String,
    /// An earlier scan had started this visit; this is its result.
    repeated: bool,
    package: Option<String>,
    slot: SlotBriefDto,
    holder: HolderDto,
}

impl From<CheckInReceipt> for CheckInDto {
    fn from(receipt: CheckInReceipt) -> Self {
        let CheckInReceipt { visit, name_masked } = receipt;
        Self {
            booking_id: visit.booking.id.to_string(),
            status: visit.booking.status.code(),
            checked_in_at: rfc3339(visit.checked_in_at),
            repeated: visit.repeated,
            package: visit.booking.package,
            slot: visit.booking.slot.into(),
            holder: HolderDto { name_masked },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckInHolder)]
pub struct HolderDto {
    #[schema(example = "张**")]
    name_masked: String,
}

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
