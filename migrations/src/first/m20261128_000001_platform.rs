//! What every context leans on: outbox, audit trail with its chain head, first answers.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let genesis = match manager.get_database_backend() {
            DbBackend::Postgres => "decode(repeat('00', 32), 'hex')",
            _ => "zeroblob(32)",
        };
        run(
            manager,
            &[&format!(
                "INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, {genesis})"
            )],
        )
        .await
    }
}

/// What every context leans on.
const TABLES: &[&str] = &[
    "CREATE TABLE outbox_events (
        id {uuid} PRIMARY KEY,
        created_at {time} NOT NULL,
        kind TEXT NOT NULL,
        recipient_id {uuid} NOT NULL,
        template TEXT NOT NULL,
        parameters {json} NOT NULL,
        subject TEXT,
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        due_at {time} NOT NULL,
        delivered_at {time},
        dead_at {time},
        last_failure TEXT
    )",
    "CREATE INDEX outbox_events_due ON outbox_events (due_at) WHERE delivered_at IS NULL AND dead_at IS NULL",
    "CREATE INDEX outbox_events_dead ON outbox_events (id) WHERE dead_at IS NOT NULL",
    "CREATE TABLE audit_entries (
        id {uuid} PRIMARY KEY,
        at {time} NOT NULL,
        account_id {uuid},
        role TEXT,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        area TEXT NOT NULL,
        request_id TEXT NOT NULL,
        detail {json} NOT NULL,
        sequence BIGINT,
        hash {bytes}
    )",
    "CREATE UNIQUE INDEX audit_entries_sequence ON audit_entries (sequence) WHERE sequence IS NOT NULL",
    "CREATE INDEX audit_entries_unsealed ON audit_entries (id) WHERE sequence IS NULL",
    // An entry's id tells its time, so each of these also answers "since when".
    "CREATE INDEX audit_entries_area ON audit_entries (area, id)",
    "CREATE INDEX audit_entries_account ON audit_entries (account_id, id) WHERE account_id IS NOT NULL",
    "CREATE INDEX audit_entries_action ON audit_entries (action, id)",
    "CREATE INDEX audit_entries_subject ON audit_entries (subject, id)",
    "CREATE TABLE audit_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sequence BIGINT NOT NULL,
        hash {bytes} NOT NULL
    )",
    "CREATE TABLE idempotency_keys (
        account_id {uuid} NOT NULL,
        key TEXT NOT NULL,
        fingerprint {bytes} NOT NULL,
        reserved_at {time} NOT NULL,
        answer {json},
        PRIMARY KEY (account_id, key)
    )",
    "CREATE INDEX idempotency_keys_reserved_at ON idempotency_keys (reserved_at)",
];
