//! Draws, allotments and recalls. Each is a row that one process moves at a time, and what is left to
//! do is read from the rows it works on: undecided entries, members behind a cursor, unused
//! vouchers.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let draws = ["waiting", "scoring", "drawing", "drawn", "cancelled"];
        closed_list(manager, "voucher_draw_states", &draws).await?;
        let entries = ["entered", "won", "lost", "ineligible", "cancelled"];
        closed_list(manager, "voucher_draw_entry_states", &entries).await?;
        let allotments = ["waiting", "running", "finished", "exhausted", "stopped"];
        closed_list(manager, "voucher_allotment_run_states", &allotments).await?;
        run(manager, RECALLS).await?;
        run(manager, DRAWS).await?;
        run(manager, ALLOTMENTS).await
    }
}

const RECALLS: &[&str] = &[
    "CREATE TABLE voucher_recalls (
        id {uuid} PRIMARY KEY,
        batch_id {uuid} NOT NULL REFERENCES voucher_batches (id),
        person_id {uuid},
        reason TEXT NOT NULL,
        ordered_by {uuid} NOT NULL,
        ordered_at {time} NOT NULL,
        recalled BIGINT NOT NULL DEFAULT 0 CHECK (recalled >= 0),
        finished_at {time}
    )",
    "CREATE INDEX voucher_recalls_batch ON voucher_recalls (batch_id, id)",
    "CREATE INDEX voucher_recalls_open ON voucher_recalls (id) WHERE finished_at IS NULL",
];

const DRAWS: &[&str] = &[
    "CREATE TABLE voucher_draws (
        batch_id {uuid} PRIMARY KEY REFERENCES voucher_batches (id),
        draw_at {time} NOT NULL,
        seed {bytes} NOT NULL,
        state TEXT NOT NULL REFERENCES voucher_draw_states,
        round BIGINT NOT NULL DEFAULT 0,
        entries BIGINT NOT NULL DEFAULT 0 CHECK (entries >= 0),
        ranked BIGINT NOT NULL DEFAULT 0,
        winners BIGINT NOT NULL DEFAULT 0,
        sold_out {bool} NOT NULL DEFAULT FALSE,
        finished_at {time},
        CHECK (winners <= ranked AND ranked <= entries),
        CHECK (CASE
            WHEN state IN ('drawn', 'cancelled') THEN finished_at IS NOT NULL
            WHEN state IN ('waiting', 'scoring', 'drawing') THEN finished_at IS NULL
        END)
    )",
    "CREATE INDEX voucher_draws_unfinished ON voucher_draws (draw_at) WHERE finished_at IS NULL",
    "CREATE TABLE voucher_draw_entries (
        id {uuid} PRIMARY KEY,
        batch_id {uuid} NOT NULL REFERENCES voucher_draws (batch_id),
        person_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        entered_at {time} NOT NULL,
        draws_at {time} NOT NULL,
        lot {bytes},
        state TEXT NOT NULL REFERENCES voucher_draw_entry_states,
        rank BIGINT,
        voucher_id {uuid} REFERENCES vouchers (id),
        CHECK (CASE
            WHEN state IN ('won', 'lost', 'ineligible') THEN rank IS NOT NULL
            WHEN state IN ('entered', 'cancelled') THEN rank IS NULL
        END),
        CHECK ((state = 'won') = (voucher_id IS NOT NULL))
    )",
    // One chance for each natural person.
    "CREATE UNIQUE INDEX voucher_draw_entries_person ON voucher_draw_entries (batch_id, person_id)",
    "CREATE UNIQUE INDEX voucher_draw_entries_rank ON voucher_draw_entries (batch_id, rank) WHERE rank IS NOT NULL",
    "CREATE INDEX voucher_draw_entries_lot ON voucher_draw_entries (batch_id, lot, id) WHERE state = 'entered'",
];

const ALLOTMENTS: &[&str] = &[
    "CREATE TABLE voucher_allotment_runs (
        batch_id {uuid} PRIMARY KEY REFERENCES voucher_batches (id),
        starts_at {time} NOT NULL,
        state TEXT NOT NULL REFERENCES voucher_allotment_run_states,
        round BIGINT NOT NULL DEFAULT 0,
        cursor_id {uuid},
        considered BIGINT NOT NULL DEFAULT 0,
        issued BIGINT NOT NULL DEFAULT 0,
        skipped {json} NOT NULL,
        started_at {time},
        finished_at {time},
        CHECK (issued <= considered)
    )",
    "CREATE INDEX voucher_allotment_runs_unfinished ON voucher_allotment_runs (starts_at) WHERE state IN ('waiting', 'running')",
];
