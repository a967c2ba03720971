//! What looks like collusion is held before it is paid, and the nightly check of the conservation
//! equations is kept.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, REDEMPTIONS).await?;
        run(manager, HOLDS).await?;
        run(manager, RECONCILIATIONS).await
    }
}

const REDEMPTIONS: &[&str] = &[
    // Freezing and holding meet on the redemption's own row: `state = 'accepted' AND NOT suspended` is
    // payable, and whoever updates the row second sees what the first did. The row in
    // redemption_suspensions says why.
    "ALTER TABLE redemptions ADD COLUMN suspended {bool} NOT NULL DEFAULT FALSE",
    // A price that nobody typed is the face value by default, and says nothing.
    "ALTER TABLE redemptions ADD COLUMN price_typed {bool} NOT NULL DEFAULT FALSE",
    "CREATE INDEX redemptions_scanned ON redemptions (scanned_at)",
];

const HOLDS: &[&str] = &[
    "CREATE TABLE redemption_suspensions (
        redemption_id {uuid} PRIMARY KEY REFERENCES redemptions (id),
        suspended_at {time} NOT NULL,
        due_at {time} NOT NULL,
        decision TEXT CHECK (decision IN ('lifted', 'rejected')),
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
        signal TEXT NOT NULL
            CHECK (signal IN ('same_pair', 'burst', 'impossible_travel', 'price_is_face_value')),
        evidence {json} NOT NULL,
        noticed_at {time} NOT NULL,
        PRIMARY KEY (redemption_id, signal)
    )",
];

const RECONCILIATIONS: &[&str] = &[
    "CREATE TABLE reconciliations (
        id {uuid} PRIMARY KEY,
        day TEXT NOT NULL CHECK (length(day) = 10),
        started_at {time} NOT NULL,
        finished_at {time},
        batches BIGINT NOT NULL DEFAULT 0 CHECK (batches >= 0),
        differences BIGINT NOT NULL DEFAULT 0 CHECK (differences >= 0)
    )",
    // One a night, whichever process is first.
    "CREATE UNIQUE INDEX reconciliations_day ON reconciliations (day)",
    "CREATE TABLE reconciliation_differences (
        reconciliation_id {uuid} NOT NULL REFERENCES reconciliations (id),
        n INTEGER NOT NULL CHECK (n > 0),
        batch_id {uuid},
        equation TEXT NOT NULL,
        left_side BIGINT NOT NULL,
        right_side BIGINT NOT NULL,
        example TEXT,
        PRIMARY KEY (reconciliation_id, n)
    )",
];
