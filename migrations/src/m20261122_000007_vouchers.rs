//! Meal vouchers. Every limit is a row that a conditional update or a unique key decides about: the
//! counter of a batch, its days, the numbered slots of a person, a person's meals, the live
//! redemption of a voucher, used codes.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, BATCHES).await?;
        run(manager, VOUCHERS).await?;
        run(manager, CODES).await?;
        run(manager, REDEMPTIONS).await
    }
}

const BATCHES: &[&str] = &[
    "CREATE TABLE voucher_batches (
        id {uuid} PRIMARY KEY,
        name TEXT NOT NULL,
        district TEXT NOT NULL CHECK (length(district) = 6),
        state TEXT NOT NULL
            CHECK (state IN ('draft', 'submitted', 'rejected', 'running', 'paused', 'stopped', 'closed')),
        rules {json} NOT NULL,
        valid_to {time} NOT NULL,
        drafted_by {uuid} NOT NULL,
        drafted_by_person {uuid},
        submitted_by {uuid},
        submitted_by_person {uuid},
        decided_by {uuid},
        reason TEXT,
        created_at {time} NOT NULL
    )",
    "CREATE INDEX voucher_batches_district ON voucher_batches (district, id)",
    "CREATE INDEX voucher_batches_running ON voucher_batches (valid_to) WHERE state = 'running'",
    // The turnstile: narrow, because every claim and scan writes it.
    "CREATE TABLE ledger_budgets (
        budget_id {uuid} PRIMARY KEY,
        open {bool} NOT NULL,
        quota BIGINT NOT NULL CHECK (quota > 0),
        issued BIGINT NOT NULL DEFAULT 0 CHECK (issued BETWEEN 0 AND quota),
        budget_fen BIGINT NOT NULL CHECK (budget_fen > 0),
        reserved_fen BIGINT NOT NULL DEFAULT 0 CHECK (reserved_fen >= 0),
        spent_fen BIGINT NOT NULL DEFAULT 0 CHECK (spent_fen >= 0),
        CHECK (reserved_fen + spent_fen <= budget_fen)
    )",
    "CREATE TABLE voucher_days (
        batch_id {uuid} NOT NULL REFERENCES voucher_batches (id),
        day TEXT NOT NULL CHECK (length(day) = 10),
        issued BIGINT NOT NULL CHECK (issued >= 0),
        PRIMARY KEY (batch_id, day)
    )",
];

const VOUCHERS: &[&str] = &[
    "CREATE TABLE vouchers (
        id {uuid} PRIMARY KEY,
        batch_id {uuid} NOT NULL REFERENCES voucher_batches (id),
        person_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        face_value_fen BIGINT NOT NULL CHECK (face_value_fen > 0),
        issued_at {time} NOT NULL,
        valid_from {time} NOT NULL,
        valid_to {time} NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('issued', 'redeemed', 'expired', 'deactivated', 'recalled')),
        redemptions INTEGER NOT NULL DEFAULT 0 CHECK (redemptions >= 0)
    )",
    "CREATE INDEX vouchers_person ON vouchers (person_id, id)",
    "CREATE INDEX vouchers_batch ON vouchers (batch_id, state)",
    "CREATE INDEX vouchers_unused ON vouchers (valid_to) WHERE state = 'issued'",
    // The n-th voucher of a person in a batch; n never exceeds the batch's limit.
    "CREATE TABLE voucher_slots (
        batch_id {uuid} NOT NULL REFERENCES voucher_batches (id),
        person_id {uuid} NOT NULL,
        n INTEGER NOT NULL CHECK (n > 0),
        voucher_id {uuid} NOT NULL,
        PRIMARY KEY (batch_id, person_id, n)
    )",
    "CREATE INDEX voucher_slots_person ON voucher_slots (person_id, batch_id)",
    "CREATE TABLE ledger_postings (
        subject_id {uuid} NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('reserve', 'spend', 'reverse', 'release', 'adjust')),
        sequence INTEGER NOT NULL CHECK (sequence >= 0),
        budget_id {uuid} NOT NULL,
        reserved_fen BIGINT NOT NULL,
        spent_fen BIGINT NOT NULL,
        at {time} NOT NULL,
        PRIMARY KEY (subject_id, kind, sequence)
    )",
    "CREATE INDEX ledger_postings_budget ON ledger_postings (budget_id)",
];

const CODES: &[&str] = &[
    "CREATE TABLE voucher_secrets (
        id {uuid} PRIMARY KEY,
        voucher_id {uuid} NOT NULL REFERENCES vouchers (id),
        device_no INTEGER NOT NULL CHECK (device_no BETWEEN 0 AND 65535),
        device_id TEXT NOT NULL,
        secret {bytes} NOT NULL,
        created_at {time} NOT NULL,
        retired_at {time}
    )",
    "CREATE UNIQUE INDEX voucher_secrets_number ON voucher_secrets (voucher_id, device_no)",
    "CREATE UNIQUE INDEX voucher_secrets_device ON voucher_secrets (voucher_id, device_id)",
    "CREATE TABLE voucher_short_codes (
        digits_index {bytes} PRIMARY KEY,
        voucher_id {uuid} NOT NULL REFERENCES vouchers (id),
        device_no INTEGER NOT NULL,
        step BIGINT NOT NULL
    )",
    "CREATE INDEX voucher_short_codes_voucher ON voucher_short_codes (voucher_id)",
    "CREATE INDEX voucher_short_codes_step ON voucher_short_codes (step)",
    "CREATE TABLE voucher_used_steps (
        voucher_id {uuid} NOT NULL REFERENCES vouchers (id),
        device_no INTEGER NOT NULL,
        step BIGINT NOT NULL,
        redemption_id {uuid} NOT NULL,
        PRIMARY KEY (voucher_id, device_no, step)
    )",
    "CREATE INDEX voucher_used_steps_step ON voucher_used_steps (step)",
];

const REDEMPTIONS: &[&str] = &[
    "CREATE TABLE redemptions (
        id {uuid} PRIMARY KEY,
        voucher_id {uuid} NOT NULL REFERENCES vouchers (id),
        sequence INTEGER NOT NULL CHECK (sequence > 0),
        batch_id {uuid} NOT NULL,
        person_id {uuid} NOT NULL,
        station_id {uuid} NOT NULL REFERENCES stations (id),
        staff_id {uuid} NOT NULL,
        device_id TEXT NOT NULL,
        scan_id TEXT NOT NULL,
        day TEXT NOT NULL CHECK (length(day) = 10),
        meal TEXT NOT NULL,
        price_fen BIGINT NOT NULL CHECK (price_fen > 0),
        amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
        copay_fen BIGINT NOT NULL CHECK (copay_fen >= 0),
        remainder_fen BIGINT NOT NULL CHECK (remainder_fen >= 0),
        remainder_released_at {time},
        scanned_at {time} NOT NULL,
        accepted_at {time} NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('accepted', 'annulled', 'settled')),
        annulled_at {time},
        annulled_by {uuid},
        annulment_reason TEXT,
        CHECK (amount_fen + copay_fen = price_fen),
        CHECK ((state = 'annulled') = (annulled_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX redemptions_live ON redemptions (voucher_id) WHERE state IN ('accepted', 'settled')",
    "CREATE UNIQUE INDEX redemptions_sequence ON redemptions (voucher_id, sequence)",
    "CREATE INDEX redemptions_station ON redemptions (station_id, day, id)",
    "CREATE INDEX redemptions_batch ON redemptions (batch_id)",
    "CREATE INDEX redemptions_remainder ON redemptions (accepted_at)
        WHERE remainder_fen > 0 AND remainder_released_at IS NULL AND state <> 'annulled'",
    // A person's meal of a day, across all batches.
    "CREATE TABLE person_meals (
        person_id {uuid} NOT NULL,
        day TEXT NOT NULL,
        meal TEXT NOT NULL,
        redemption_id {uuid} NOT NULL,
        PRIMARY KEY (person_id, day, meal)
    )",
    "CREATE INDEX person_meals_redemption ON person_meals (redemption_id)",
    "CREATE TABLE refused_scans (
        id {uuid} PRIMARY KEY,
        at {time} NOT NULL,
        scanned_at {time} NOT NULL,
        station_id {uuid} NOT NULL,
        staff_id {uuid} NOT NULL,
        device_id TEXT NOT NULL,
        scan_id TEXT NOT NULL,
        reason TEXT NOT NULL,
        voucher_id {uuid}
    )",
    "CREATE INDEX refused_scans_station ON refused_scans (station_id, at)",
];
