//! What people must decide by a due time, and the holiday calendar that due times count by.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        closed_list(manager, "task_states", &["open", "decided", "withdrawn"]).await?;
        closed_list(manager, "task_kinds", &KINDS).await?;
        run(manager, TASKS).await?;
        closed_list(manager, "calendar_day_kinds", &["working", "off"]).await?;
        run(manager, CALENDAR).await
    }
}

const KINDS: [&str; 4] = [
    "membership_review",
    "wish_review",
    "disputed_scan",
    "suspended_redemption",
];

const TASKS: &[&str] = &[
    "CREATE TABLE tasks (
        id {uuid} PRIMARY KEY,
        kind TEXT NOT NULL REFERENCES task_kinds (code),
        subject TEXT NOT NULL,
        district TEXT NOT NULL CHECK (length(district) = 6),
        union_id {uuid} REFERENCES unions (id),
        place TEXT NOT NULL,
        needs_second_person {bool} NOT NULL,
        opened_at {time} NOT NULL,
        remind_at {time} NOT NULL,
        due_at {time} NOT NULL,
        assignee_id {uuid} REFERENCES accounts (id),
        reminded_at {time},
        escalated_at {time},
        state TEXT NOT NULL REFERENCES task_states (code),
        first_by {uuid},
        first_person {uuid},
        first_at {time},
        decided_by {uuid},
        decided_person {uuid},
        outcome TEXT,
        on_time {bool},
        closed_at {time},
        CHECK ((first_by IS NULL) = (first_at IS NULL)),
        CHECK (needs_second_person OR first_by IS NULL),
        CHECK ((state = 'open') = (closed_at IS NULL)),
        CHECK ((state = 'decided') = (decided_by IS NOT NULL)),
        CHECK ((decided_by IS NULL) = (outcome IS NULL)),
        CHECK ((decided_by IS NULL) = (on_time IS NULL))
    )",
    // A subject waits for one decision of a kind at a time.
    "CREATE UNIQUE INDEX tasks_one_open ON tasks (kind, subject) WHERE state = 'open'",
    "CREATE INDEX tasks_subject ON tasks (subject)",
    "CREATE INDEX tasks_due ON tasks (due_at, id) WHERE state = 'open'",
    "CREATE INDEX tasks_remind ON tasks (remind_at, id) WHERE state = 'open' AND reminded_at IS NULL",
    "CREATE INDEX tasks_escalate ON tasks (due_at, id) WHERE state = 'open' AND escalated_at IS NULL",
    "CREATE INDEX tasks_assignee ON tasks (assignee_id, due_at) WHERE state = 'open'",
    // Accounts and persons who had a part in the subject.
    "CREATE TABLE task_parties (
        task_id {uuid} NOT NULL REFERENCES tasks (id),
        party {uuid} NOT NULL,
        PRIMARY KEY (task_id, party)
    )",
];

const CALENDAR: &[&str] = &["CREATE TABLE calendar_days (
        day TEXT PRIMARY KEY CHECK (length(day) = 10),
        kind TEXT NOT NULL REFERENCES calendar_day_kinds (code),
        name TEXT NOT NULL
    )"];
