//! Health checks. Seats (B1), live bookings and yearly checks (B2) are held by constraints. Persons
//! and accounts are other contexts' rows, which may be pseudonymised one day: no foreign keys to
//! them.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = ["booked", "checked_in", "completed", "cancelled"];
        closed_list(manager, "checkup_booking_states", &states).await?;
        run(manager, PLANS).await?;
        run(manager, BOOKINGS).await
    }
}

const PLANS: &[&str] = &[
    "CREATE TABLE checkup_campaigns (
        id {uuid} PRIMARY KEY,
        name TEXT NOT NULL,
        district TEXT NOT NULL CHECK (length(district) = 6),
        first_day DATE NOT NULL,
        last_day DATE NOT NULL CHECK (last_day >= first_day),
        created_at {time} NOT NULL
    )",
    "CREATE INDEX checkup_campaigns_district ON checkup_campaigns (district, id)",
    "CREATE TABLE checkup_sessions (
        id {uuid} PRIMARY KEY,
        campaign_id {uuid} NOT NULL REFERENCES checkup_campaigns (id),
        district TEXT NOT NULL CHECK (length(district) = 6),
        place TEXT NOT NULL,
        lng {float} NOT NULL CHECK (lng BETWEEN -180 AND 180),
        lat {float} NOT NULL CHECK (lat BETWEEN -90 AND 90),
        held_on DATE NOT NULL,
        vehicle TEXT NOT NULL,
        packages {json} NOT NULL,
        created_at {time} NOT NULL
    )",
    "CREATE INDEX checkup_sessions_held_on ON checkup_sessions (held_on, id)",
    "CREATE INDEX checkup_sessions_campaign ON checkup_sessions (campaign_id)",
    "CREATE TABLE checkup_slots (
        id {uuid} PRIMARY KEY,
        session_id {uuid} NOT NULL REFERENCES checkup_sessions (id),
        starts_at {time} NOT NULL,
        ends_at {time} NOT NULL,
        capacity INTEGER NOT NULL CHECK (capacity > 0),
        booked INTEGER NOT NULL DEFAULT 0,
        CHECK (starts_at < ends_at),
        CONSTRAINT checkup_slots_seats CHECK (booked BETWEEN 0 AND capacity)
    )",
    "CREATE INDEX checkup_slots_session ON checkup_slots (session_id, starts_at)",
];

const BOOKINGS: &[&str] = &[
    "CREATE TABLE checkup_bookings (
        id {uuid} PRIMARY KEY,
        campaign_id {uuid} NOT NULL REFERENCES checkup_campaigns (id),
        session_id {uuid} NOT NULL REFERENCES checkup_sessions (id),
        slot_id {uuid} NOT NULL REFERENCES checkup_slots (id),
        person_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        package TEXT,
        booked_at {time} NOT NULL,
        consent_version TEXT NOT NULL,
        consented_at {time} NOT NULL,
        eligibility_year INTEGER NOT NULL,
        eligibility_rule TEXT NOT NULL,
        state TEXT NOT NULL REFERENCES checkup_booking_states,
        checked_in_at {time},
        checked_in_by {uuid},
        completed_at {time},
        cancelled_at {time},
        CHECK (CASE
            WHEN state IN ('checked_in', 'completed') THEN checked_in_at IS NOT NULL
            WHEN state IN ('booked', 'cancelled') THEN checked_in_at IS NULL
        END),
        CHECK ((checked_in_at IS NULL) = (checked_in_by IS NULL)),
        CHECK ((state = 'completed') = (completed_at IS NOT NULL)),
        CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX checkup_bookings_live ON checkup_bookings (person_id, campaign_id) \
        WHERE state IN ('booked', 'checked_in')",
    "CREATE UNIQUE INDEX checkup_bookings_year ON checkup_bookings (person_id, eligibility_year) \
        WHERE state = 'completed'",
    "CREATE INDEX checkup_bookings_person ON checkup_bookings (person_id, id)",
    "CREATE INDEX checkup_bookings_slot ON checkup_bookings (slot_id)",
];
