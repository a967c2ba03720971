//! From rows of health checks to what they mean, and back.

use niangjia_domain::{
    checkups::{
        bookings::booking::{
            Booking, BookingState, BookingStatus, Eligibility, HealthConsent, Visit,
        },
        sessions::{campaign::Campaign, session::CheckupSession, slot::Slot},
    },
    kernel::{DistrictCode, Id, Jurisdiction, Place},
    store::StoreError,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, sea_query::Expr};

use super::entity;
use crate::sql::db::{
    area::inside,
    rows::{corrupt, parsed},
};

/// Rows whose district lies in one of the areas. Nothing here belongs to a union.
pub(crate) fn covered(areas: &[Jurisdiction], district: impl ColumnTrait) -> Condition {
    let nowhere = Condition::any().add(Expr::value(false));
    areas
        .iter()
        .fold(nowhere, |any, area| any.add(inside(district, area)))
}

pub(crate) fn campaign(row: entity::campaign::Model) -> Result<Campaign, StoreError> {
    Ok(Campaign {
        id: Id::from_uuid(row.id),
        district: parsed(
            "checkup_campaigns",
            row.id,
            DistrictCode::parse(&row.district),
        )?,
        name: row.name,
        from: row.first_day,
        to: row.last_day,
        created_at: row.created_at,
    })
}

pub(crate) fn session(row: entity::session::Model) -> Result<CheckupSession, StoreError> {
    let table = "checkup_sessions";
    Ok(CheckupSession {
        id: Id::from_uuid(row.id),
        campaign_id: Id::from_uuid(row.campaign_id),
        district: parsed(table, row.id, DistrictCode::parse(&row.district))?,
        location: parsed(table, row.id, Place::new(row.lng, row.lat))?,
        packages: parsed(table, row.id, serde_json::from_value(row.packages))?,
        place: row.place,
        date: row.held_on,
        vehicle: row.vehicle,
        created_at: row.created_at,
    })
}

pub(crate) fn slot(row: entity::slot::Model) -> Result<Slot, StoreError> {
    Ok(Slot {
        id: Id::from_uuid(row.id),
        session_id: Id::from_uuid(row.session_id),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        capacity: parsed("checkup_slots", row.id, row.capacity.try_into())?,
        booked: parsed("checkup_slots", row.id, row.booked.try_into())?,
    })
}

pub(crate) fn booking(row: entity::booking::Model) -> Result<Booking, StoreError> {
    let state = state(&row).ok_or_else(|| corrupt("checkup_bookings", row.id))?;
    Ok(Booking {
        id: Id::from_uuid(row.id),
        campaign_id: Id::from_uuid(row.campaign_id),
        session_id: Id::from_uuid(row.session_id),
        slot_id: Id::from_uuid(row.slot_id),
        person_id: Id::from_uuid(row.person_id),
        account_id: Id::from_uuid(row.account_id),
        package: row.package,
        booked_at: row.booked_at,
        consent: HealthConsent {
            version: row.consent_version,
            given_at: row.consented_at,
        },
        eligibility: Eligibility {
            year: row.eligibility_year,
            rule: row.eligibility_rule,
        },
        state,
    })
}

fn state(row: &entity::booking::Model) -> Option<BookingState> {
    let visit = row.checked_in_at.zip(row.checked_in_by);
    let visit = visit.map(|(at, by)| Visit {
        at,
        scanned_by: Id::from_uuid(by),
    });
    Some(match BookingStatus::parse(&row.state)? {
        BookingStatus::Booked => BookingState::Booked,
        BookingStatus::CheckedIn => BookingState::CheckedIn(visit?),
        BookingStatus::Completed => BookingState::Completed {
            visit: visit?,
            at: row.completed_at?,
        },
        BookingStatus::Cancelled => BookingState::Cancelled {
            at: row.cancelled_at?,
        },
    })
}

/// A booking's state spread over its columns; nothing else of it ever changes.
pub(crate) fn state_columns(booking: &Booking) -> entity::booking::ActiveModel {
    let visit = booking.state.visit();
    let (completed_at, cancelled_at) = match &booking.state {
        BookingState::Booked | BookingState::CheckedIn(_) => (None, None),
        BookingState::Completed { at, .. } => (Some(*at), None),
        BookingState::Cancelled { at } => (None, Some(*at)),
    };
    entity::booking::ActiveModel {
        state: Set(booking.state.status().code().to_owned()),
        checked_in_at: Set(visit.map(|visit| visit.at)),
        checked_in_by: Set(visit.map(|visit| visit.scanned_by.uuid())),
        completed_at: Set(completed_at),
        cancelled_at: Set(cancelled_at),
        ..Default::default()
    }
}

pub(crate) fn booking_row(booking: &Booking) -> entity::booking::ActiveModel {
    entity::booking::ActiveModel {
        id: Set(booking.id.uuid()),
        campaign_id: Set(booking.campaign_id.uuid()),
        session_id: Set(booking.session_id.uuid()),
        slot_id: Set(booking.slot_id.uuid()),
        person_id: Set(booking.person_id.uuid()),
        account_id: Set(booking.account_id.uuid()),
        package: Set(booking.package.clone()),
        booked_at: Set(booking.booked_at),
        consent_version: Set(booking.consent.version.clone()),
        consented_at: Set(booking.consent.given_at),
        eligibility_year: Set(booking.eligibility.year),
        eligibility_rule: Set(booking.eligibility.rule.clone()),
        ..state_columns(booking)
    }
}
