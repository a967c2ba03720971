//! Bookings and visits on the wire.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use niangjia_domain::{
    checkups::{
        BookSeat, BookingView, CheckIn, CheckInReceipt, Ticket,
        view::{SessionBrief, SlotBrief},
    },
    kernel::{
        AccessError,
        id::{CheckupSessionId, SlotId},
        values::local_time::rfc3339,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewBookingDto {
    slot_id: String,
    /// One of the session's packages.
    package: Option<String>,
    health_consent: HealthConsentDto,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthConsentDto {
    /// Version of the text that was shown and agreed to.
    version: String,
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

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckupSlotBrief)]
pub struct SlotBriefDto {
    id: String,
    start: String,
    end: String,
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

impl From<SlotBrief> for SlotBriefDto {
    fn from(slot: SlotBrief) -> Self {
        Self {
            id: slot.id.to_string(),
            start: rfc3339(slot.start),
            end: rfc3339(slot.end),
        }
    }
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
    pub booking_id: String,
    status: &'static str,
    /// Time of the first scan.
    checked_in_at: String,
    /// An earlier scan had started this visit; this is its result.
    repeated: bool,
    package: Option<String>,
    slot: SlotBriefDto,
    holder: HolderDto,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckInHolder)]
pub struct HolderDto {
    #[schema(example = "张**")]
    name_masked: String,
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
