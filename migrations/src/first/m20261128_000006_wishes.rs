//! Micro-wishes, the donors' claims on them, and reports about them.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const STATES: [&str; 11] = [
    "checking",
    "reviewing",
    "returned",
    "rejected",
    "withdrawn",
    "published",
    "claimed",
    "in_transit",
    "at_station",
    "handed_over",
    "thanked",
];

const CLAIM_STATES: [&str; 5] = ["active", "dispatched", "fulfilled", "cancelled", "lapsed"];

/// W3 and W7 as CHECKs: a claim belongs to the states that have one, nothing is handed over before
/// it was taken, and thanks need a handover; a state to come is bound by none of it, because CASE
/// is NULL then. W2 as a partial unique index: one live wish per person.
const WISHES: [&str; 7] = [
    "CREATE TABLE wishes (
        id {uuid} PRIMARY KEY,
        account_id {uuid} NOT NULL REFERENCES accounts (id),
        person_id {uuid} NOT NULL REFERENCES persons (id),
        station_id {uuid} NOT NULL REFERENCES stations (id),
        district TEXT NOT NULL CHECK (length(district) = 6),
        title TEXT NOT NULL,
        story TEXT NOT NULL,
        category TEXT NOT NULL,
        estimate_fen BIGINT NOT NULL CHECK (estimate_fen > 0),
        photo_ids {json} NOT NULL,
        submitted_at {time} NOT NULL,
        version BIGINT NOT NULL,
        status TEXT NOT NULL REFERENCES wish_states,
        review_due_at {time},
        machine_verdict TEXT REFERENCES wish_machine_verdicts,
        machine_label TEXT,
        reason TEXT,
        published_at {time},
        claim_id {uuid},
        arrived_at {time},
        pickup_code {bytes},
        pickup_wrong INTEGER NOT NULL DEFAULT 0 CHECK (pickup_wrong >= 0),
        pickup_locked_until {time},
        handed_over_at {time},
        thanks_message TEXT,
        thanks_photo_ids {json},
        thanks_face_consent {bool},
        thanks_passed {bool},
        thanked_at {time},
        CHECK (CASE
            WHEN status IN ('claimed', 'in_transit', 'at_station', 'handed_over', 'thanked')
                THEN claim_id IS NOT NULL
            WHEN status IN ('checking', 'reviewing', 'returned', 'rejected', 'withdrawn', 'published')
                THEN claim_id IS NULL
        END),
        CHECK (CASE
            WHEN status IN ('published', 'claimed', 'in_transit', 'at_station', 'handed_over', 'thanked')
                THEN published_at IS NOT NULL
            WHEN status IN ('checking', 'reviewing', 'returned', 'rejected', 'withdrawn')
                THEN published_at IS NULL
        END),
        CHECK ((status = 'reviewing') = (review_due_at IS NOT NULL)),
        CHECK ((status = 'at_station') = (pickup_code IS NOT NULL)),
        CHECK (CASE
            WHEN status IN ('handed_over', 'thanked') THEN handed_over_at IS NOT NULL
            WHEN status IN ('checking', 'reviewing', 'returned', 'rejected', 'withdrawn', 'published',
                'claimed', 'in_transit', 'at_station') THEN handed_over_at IS NULL
        END),
        CHECK ((status = 'thanked') = (thanked_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX wishes_one_live ON wishes (person_id)
        WHERE status IN ('checking', 'reviewing', 'published', 'claimed', 'in_transit', 'at_station')",
    "CREATE INDEX wishes_owner ON wishes (account_id, id)",
    "CREATE INDEX wishes_wall ON wishes (status, id)",
    "CREATE INDEX wishes_wall_district ON wishes (status, district, id)",
    "CREATE INDEX wishes_due ON wishes (review_due_at) WHERE review_due_at IS NOT NULL",
    "CREATE INDEX wishes_fulfilled ON wishes (person_id, handed_over_at) WHERE handed_over_at IS NOT NULL",
];

/// W1 and W8 as partial unique indexes: one live claim per wish, five numbered places per donor.
const CLAIMS: [&str; 5] = [
    "CREATE TABLE wish_claims (
        id {uuid} PRIMARY KEY,
        wish_id {uuid} NOT NULL REFERENCES wishes (id),
        donor_id {uuid} NOT NULL REFERENCES accounts (id),
        donor_place INTEGER NOT NULL CHECK (donor_place BETWEEN 1 AND 5),
        display_name TEXT,
        claimed_at {time} NOT NULL,
        lapses_at {time} NOT NULL,
        reminded_at {time},
        status TEXT NOT NULL REFERENCES wish_claim_states,
        dispatched_at {time},
        carrier TEXT,
        tracking_no TEXT,
        ended_at {time},
        reason TEXT,
        CHECK (status NOT IN ('dispatched', 'fulfilled') OR dispatched_at IS NOT NULL),
        CHECK (CASE
            WHEN status IN ('fulfilled', 'cancelled', 'lapsed') THEN ended_at IS NOT NULL
            WHEN status IN ('active', 'dispatched') THEN ended_at IS NULL
        END)
    )",
    "CREATE UNIQUE INDEX wish_claims_one_live ON wish_claims (wish_id) WHERE status IN ('active', 'dispatched')",
    "CREATE UNIQUE INDEX wish_claims_places ON wish_claims (donor_id, donor_place)
        WHERE status IN ('active', 'dispatched')",
    "CREATE INDEX wish_claims_donor ON wish_claims (donor_id, id)",
    "CREATE INDEX wish_claims_lapse ON wish_claims (lapses_at) WHERE status = 'active'",
];

const REPORTS: [&str; 2] = [
    "CREATE TABLE wish_reports (
        id {uuid} PRIMARY KEY,
        wish_id {uuid} NOT NULL REFERENCES wishes (id),
        reporter_id {uuid} NOT NULL REFERENCES accounts (id),
        reason TEXT NOT NULL,
        reported_at {time} NOT NULL
    )",
    "CREATE UNIQUE INDEX wish_reports_once ON wish_reports (wish_id, reporter_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        closed_list(manager, "wish_states", &STATES).await?;
        closed_list(manager, "wish_claim_states", &CLAIM_STATES).await?;
        let verdicts = ["pass", "review", "risky"];
        closed_list(manager, "wish_machine_verdicts", &verdicts).await?;
        run(manager, &WISHES).await?;
        run(manager, &CLAIMS).await?;
        run(manager, &REPORTS).await
    }
}
