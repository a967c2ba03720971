//! Tables that offices hand in: the import with its counters and place, its file while it is open,
//! its report.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, IMPORTS).await
    }
}

const IMPORTS: &[&str] = &[
    "CREATE TABLE import_states (code TEXT PRIMARY KEY)",
    "INSERT INTO import_states (code)
        VALUES ('received'), ('running'), ('checked'), ('done'), ('failed')",
    "CREATE TABLE imports (
        id {uuid} PRIMARY KEY,
        kind TEXT NOT NULL,
        dry_run {bool} NOT NULL,
        file_name TEXT NOT NULL,
        district TEXT,
        union_id {uuid},
        requested_by {uuid},
        rows_total BIGINT NOT NULL CHECK (rows_total > 0),
        rows_read BIGINT NOT NULL DEFAULT 0 CHECK (rows_read BETWEEN 0 AND rows_total),
        added BIGINT NOT NULL DEFAULT 0,
        updated BIGINT NOT NULL DEFAULT 0,
        unchanged BIGINT NOT NULL DEFAULT 0,
        refused BIGINT NOT NULL DEFAULT 0,
        errors BIGINT NOT NULL DEFAULT 0,
        state TEXT NOT NULL REFERENCES import_states (code),
        created_at {time} NOT NULL,
        finished_at {time},
        CHECK (added + updated + unchanged + refused = rows_read),
        CHECK (errors >= refused)
    )",
    "CREATE INDEX imports_open ON imports (id) WHERE finished_at IS NULL",
    "CREATE INDEX imports_district ON imports (district, id)",
    // Sealed, in pieces, and gone when the import is over.
    "CREATE TABLE import_file_pieces (
        import_id {uuid} NOT NULL REFERENCES imports (id),
        n INTEGER NOT NULL CHECK (n >= 0),
        content {bytes} NOT NULL,
        PRIMARY KEY (import_id, n)
    )",
    "CREATE TABLE import_row_errors (
        import_id {uuid} NOT NULL REFERENCES imports (id),
        n BIGINT NOT NULL CHECK (n >= 0),
        line BIGINT NOT NULL CHECK (line > 0),
        column_key TEXT NOT NULL,
        code TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (import_id, n)
    )",
];
