//! Settlements: what a station is paid for a period. The database holds that a day of a station
//! lies in one live sheet, that a redemption or an adjustment is one line, and that a redemption is
//! adjusted once.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        closed_list(manager, "settlement_states", &STATES).await?;
        let lines = ["redemption", "adjustment"];
        closed_list(manager, "settlement_line_kinds", &lines).await?;
        run(manager, SETTLEMENTS).await?;
        run(manager, ADJUSTMENTS).await?;
        run(manager, LINES).await
    }
}

const STATES: [&str; 8] = [
    "open",
    "frozen",
    "confirmed",
    "approved",
    "paid",
    "closed",
    "rejected",
    "cancelled",
];

const SETTLEMENTS: &[&str] = &[
    "CREATE TABLE settlements (
        id {uuid} PRIMARY KEY,
        station_id {uuid} NOT NULL REFERENCES stations (id),
        district TEXT NOT NULL CHECK (length(district) = 6),
        first_day TEXT NOT NULL CHECK (length(first_day) = 10),
        last_day TEXT NOT NULL CHECK (length(last_day) = 10),
        status TEXT NOT NULL REFERENCES settlement_states,
        stage {json} NOT NULL,
        made_by {uuid} NOT NULL,
        made_by_person {uuid},
        created_at {time} NOT NULL,
        revision BIGINT NOT NULL DEFAULT 0,
        CHECK (first_day <= last_day)
    )",
    "CREATE INDEX settlements_district ON settlements (district, id)",
    "CREATE INDEX settlements_station ON settlements (station_id, id)",
    // Periods of one station do not overlap: each day is taken once. Rejected and cancelled sheets
    // give theirs back.
    "CREATE TABLE settlement_days (
        station_id {uuid} NOT NULL,
        day TEXT NOT NULL CHECK (length(day) = 10),
        settlement_id {uuid} NOT NULL REFERENCES settlements (id),
        PRIMARY KEY (station_id, day)
    )",
    "CREATE INDEX settlement_days_settlement ON settlement_days (settlement_id)",
];

const ADJUSTMENTS: &[&str] = &[
    "CREATE TABLE settlement_adjustments (
        id {uuid} PRIMARY KEY,
        station_id {uuid} NOT NULL REFERENCES stations (id),
        batch_id {uuid} NOT NULL REFERENCES voucher_batches (id),
        amount_fen BIGINT NOT NULL CHECK (amount_fen <> 0),
        redemption_id {uuid} REFERENCES redemptions (id),
        disputed_scan_id {uuid},
        reason TEXT NOT NULL,
        made_by {uuid} NOT NULL,
        made_by_person {uuid},
        made_at {time} NOT NULL,
        day TEXT NOT NULL CHECK (length(day) = 10),
        settlement_id {uuid} REFERENCES settlements (id),
        CHECK ((redemption_id IS NULL) <> (disputed_scan_id IS NULL))
    )",
    "CREATE UNIQUE INDEX settlement_adjustments_redemption ON settlement_adjustments (redemption_id)
        WHERE redemption_id IS NOT NULL",
    "CREATE UNIQUE INDEX settlement_adjustments_scan ON settlement_adjustments (disputed_scan_id)
        WHERE disputed_scan_id IS NOT NULL",
    "CREATE INDEX settlement_adjustments_due ON settlement_adjustments (station_id) WHERE settlement_id IS NULL",
    "CREATE INDEX settlement_adjustments_batch ON settlement_adjustments (batch_id)",
    "CREATE INDEX settlement_adjustments_settlement ON settlement_adjustments (settlement_id)
        WHERE settlement_id IS NOT NULL",
];

const LINES: &[&str] = &[
    // A copy of what was frozen, in the order that the hash goes by. No foreign key to
    // settlement_line_kinds: a month's lines are written by one statement (see vouchers).
    "CREATE TABLE settlement_lines (
        settlement_id {uuid} NOT NULL REFERENCES settlements (id),
        line_no BIGINT NOT NULL CHECK (line_no > 0),
        kind TEXT NOT NULL,
        subject_id {uuid} NOT NULL,
        batch_id {uuid} NOT NULL,
        voucher_id {uuid},
        day TEXT NOT NULL CHECK (length(day) = 10),
        meal TEXT NOT NULL,
        at {time} NOT NULL,
        account_id {uuid} NOT NULL,
        late {bool} NOT NULL,
        price_fen BIGINT NOT NULL,
        amount_fen BIGINT NOT NULL,
        copay_fen BIGINT NOT NULL,
        note TEXT NOT NULL,
        PRIMARY KEY (settlement_id, line_no)
    )",
    "CREATE UNIQUE INDEX settlement_lines_once ON settlement_lines (kind, subject_id)",
    "CREATE INDEX settlement_lines_batch ON settlement_lines (batch_id)",
];
