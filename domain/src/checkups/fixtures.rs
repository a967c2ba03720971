//! A session on 2 June 2026 and one booking in it.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    bookings::booking::{Booking, Wanted},
    sessions::{session::CheckupSession, slot::Slot},
};
use crate::kernel::{
    DistrictCode, Id, Place, Random,
    id::{CampaignId, CheckupSessionId, PersonId, SlotId},
};

/// Randomness that is none.
pub struct Ones;

impl Random for Ones {
    fn fill(&self, out: &mut [u8]) {
        out.fill(1);
    }
}

pub fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn session() -> CheckupSession {
    CheckupSession {
        id: CheckupSessionId::from_uuid(Uuid::from_u128(2)),
        campaign_id: CampaignId::from_uuid(Uuid::from_u128(1)),
        district: DistrictCode::parse("370811").unwrap(),
        place: "演示广场".to_owned(),
        location: Place::new(116.6, 35.4).unwrap(),
        date: date("2026-06-02"),
        vehicle: "体检车 1 号".to_owned(),
        packages: vec!["基础".to_owned()],
        created_at: utc("2026-05-01T00:00:00Z"),
    }
}

pub fn slot() -> Slot {
    Slot {
        id: SlotId::from_uuid(Uuid::from_u128(3)),
        session_id: session().id,
        starts_at: utc("2026-06-02T01:00:00Z"),
        ends_at: utc("2026-06-02T03:00:00Z"),
        capacity: 10,
        booked: 1,
    }
}

pub fn booking() -> Booking {
    let who = (
        PersonId::from_uuid(Uuid::from_u128(4)),
        Id::from_uuid(Uuid::from_u128(5)),
    );
    let wanted = Wanted {
        package: None,
        consent_version: "1".to_owned(),
    };
    Booking::new(
        &slot(),
        &session(),
        who,
        wanted,
        utc("2026-05-20T00:00:00Z"),
        &Ones,
    )
}
