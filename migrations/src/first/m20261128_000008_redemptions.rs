//! Scans: what was redeemed, the meals of a person, what was refused, and what is suspended before it is
//! paid because it looks like collusion. The log of refused scans is append-only, whoever writes to
//! the table.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = ["accepted", "annulled", "settled"];
        closed_list(manager, "redemption_states", &states).await?;
        run(manager, REDEMPTIONS).await?;
        run(manager, REFUSALS).await?;
        let append_only = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        run(manager, append_only).await?;
        let decisions = ["lifted", "rejected"];
        closed_list(manager, "suspension_decisions", &decisions).await?;
        closed_list(manager, "suspension_signal_kinds", &SIGNALS).await?;
        run(manager, SUSPENSIONS).await
    }
}

const REDEMPTIONS: &[&str] = &[
    // Freezing and suspending meet on the redemption's own row: `state = 'accepted' AND NOT suspended` is
    // payable, and whoever updates the row second sees what the first did. The row in
    // redemption_suspensions says why. A price that nobody typed is the face value by default, and says
    // nothing. No foreign key to redemption_states: see vouchers.
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
        state TEXT NOT NULL,
        annulled_at {time},
        annulled_by {uuid},
        annulment_reason TEXT,
        settlement_id {uuid},
        suspended {bool} NOT NULL DEFAULT FALSE,
        price_typed {bool} NOT NULL DEFAULT FALSE,
        CHECK (amount_fen + copay_fen = price_fen),
        CHECK ((state = 'annulled') = (annulled_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX redemptions_live ON redemptions (voucher_id) WHERE state IN ('accepted', 'settled')",
    "CREATE UNIQUE INDEX redemptions_sequence ON redemptions (voucher_id, sequence)",
    "CREATE INDEX redemptions_station ON redemptions (station_id, day, id)",
    "CREATE INDEX redemptions_scanned ON redemptions (scanned_at)",
    "CREATE INDEX redemptions_settlement ON redemptions (settlement_id) WHERE settlement_id IS NOT NULL",
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
];

const REFUSALS: &[&str] = &[
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

const POSTGRES: &[&str] = &[
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER refused_scans_append_only BEFORE UPDATE OR DELETE ON refused_scans
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
];

const SQLITE: &[&str] = &[
    "CREATE TRIGGER refused_scans_no_update BEFORE UPDATE ON refused_scans
        BEGIN SELECT RAISE(ABORT, 'refused_scans is append-only'); END",
    "CREATE TRIGGER refused_scans_no_delete BEFORE DELETE ON refused_scans
        BEGIN SELECT RAISE(ABORT, 'refused_scans is append-only'); END",
];

const SIGNALS: [&str; 4] = [
    "same_pair",
    "burst",
    "impossible_travel",
    "price_is_face_value",
];

const SUSPENSIONS: &[&str] = &[
    "CREATE TABLE redemption_suspensions (
        redemption_id {uuid} PRIMARY KEY REFERENCES redemptions (id),
        suspended_at {time} NOT NULL,
        due_at {time} NOT NULL,
        decision TEXT REFERENCES suspension_decisions,
        decided_at {time},
        decided_by {uuid},
        reason TEXT,
        CHECK ((decision IS NULL) = (decided_at IS NULL)),
        CHECK ((decision IS NULL) = (decided_by IS NULL)),
        CHECK ((decision IS NULL) = (reason IS NULL))
    )",
    "CREATE INDEX redemption_suspensions_open ON redemption_suspensions (due_at) WHERE decision IS NULL",
    // Each signal speaks once about a redemption; a lifted one is not suspended again for it.
    "CREATE TABLE suspension_signals (
        redemption_id {uuid} NOT NULL REFERENCES redemptions (id),
        signal TEXT NOT NULL REFERENCES suspension_signal_kinds,
        evidence {json} NOT NULL,
        noticed_at {time} NOT NULL,
        PRIMARY KEY (redemption_id, signal)
    )",
];
