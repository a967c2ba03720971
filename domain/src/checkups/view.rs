//! A booking as its holder sees it. Kept with first answers, so it holds no personal data and no
//! code.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    bookings::booking::{Booking, BookingStatus},
    sessions::{session::CheckupSession, slot::Slot},
};
use crate::kernel::{
    DistrictCode, Place,
    id::{BookingId, CampaignId, CheckupSessionId, SlotId},
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookingView {
    pub id: BookingId,
    pub status: BookingStatus,
    pub package: Option<String>,
    pub booked_at: DateTime<Utc>,
    pub checked_in_at: Option<DateTime<Utc>>,
    pub slot: SlotBrief,
    pub session: SessionBrief,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotBrief {
    pub id: SlotId,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionBrief {
    pub id: CheckupSessionId,
    pub campaign_id: CampaignId,
    pub district: DistrictCode,
    pub place: String,
    pub location: Place,
    pub date: NaiveDate,
    pub vehicle: String,
}

impl BookingView {
    pub fn of(booking: &Booking, slot: &Slot, session: &CheckupSession) -> Self {
        Self {
            id: booking.id,
            status: booking.state.status(),
            package: booking.package.clone(),
            booked_at: booking.booked_at,
            checked_in_at: booking.state.visit().map(|visit| visit.at),
            slot: SlotBrief {
                id: slot.id,
                start: slot.starts_at,
                end: slot.ends_at,
            },
            session: SessionBrief {
                id: session.id,
                campaign_id: session.campaign_id,
                district: session.district,
                place: session.place.clone(),
                location: session.location,
                date: session.date,
                vehicle: session.vehicle.clone(),
            },
        }
    }
}
