//! Builders of health checks: a van with one slot, and bookings in it.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use niangjia_domain::{
    checkups::{
        bookings::booking::{Booking, Wanted},
        sessions::{campaign::Campaign, session::CheckupSession, slot::Slot},
    },
    kernel::{
        Clock, Id, Place,
        id::{AccountId, PersonId},
        values::local_time,
    },
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};

use crate::places;

/// A van's stop of the day after tomorrow.
#[derive(Debug, Clone)]
pub struct Van {
    pub campaign: Campaign,
    pub session: CheckupSession,
    pub slot: Slot,
}

impl Van {
    /// Not stored yet.
    pub fn new(district: &str, capacity: u32) -> Self {
        let now = SystemClock.now();
        let date = local_time::date_of(now + TimeDelta::days(2));
        let district = places::district(district);
        let campaign = Campaign {
            id: Id::generate(now, &SystemRandom),
            name: "演示体检".to_owned(),
            district,
            from: date,
            to: date,
            created_at: now,
        };
        let session = CheckupSession {
            id: Id::generate(now, &SystemRandom),
            campaign_id: campaign.id,
            district,
            place: "演示广场".to_owned(),
            location: Place::new(116.59, 35.41).unwrap(),
            date,
            vehicle: "体检车 1 号".to_owned(),
            packages: vec!["基础".to_owned()],
            created_at: now,
        };
        let slot = slot(&session, 9, capacity);
        Self {
            campaign,
            session,
            slot,
        }
    }

    pub async fn store(&self, store: &dyn Store) {
        let mut tx = store.begin().await.unwrap();
        tx.campaigns().add_campaign(&self.campaign).await.unwrap();
        tx.campaigns()
            .add_session(&self.session, std::slice::from_ref(&self.slot))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// A booking by somebody new, not stored yet.
    pub fn booking(&self) -> Booking {
        self.booking_of(PersonId::generate(SystemClock.now(), &SystemRandom))
    }

    pub fn booking_of(&self, person: PersonId) -> Booking {
        let now = SystemClock.now();
        let account = AccountId::generate(now, &SystemRandom);
        let wanted = Wanted {
            package: None,
            consent_version: "1".to_owned(),
        };
        Booking::new(
            &self.slot,
            &self.session,
            (person, account),
            wanted,
            now,
            &SystemRandom,
        )
    }

    /// The year in which its checks count.
    pub fn year(&self) -> i32 {
        self.session.date.year()
    }
}

/// An hour of the session's day.
pub fn slot(session: &CheckupSession, hour: i64, capacity: u32) -> Slot {
    let starts_at: DateTime<Utc> = local_time::start_of(session.date) + TimeDelta::hours(hour);
    Slot {
        id: Id::generate(SystemClock.now(), &SystemRandom),
        session_id: session.id,
        starts_at,
        ends_at: starts_at + TimeDelta::hours(1),
        capacity,
        booked: 0,
    }
}
