//! The nightly check of the conservation equations, with what it found.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, RECONCILIATIONS).await
    }
}

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
