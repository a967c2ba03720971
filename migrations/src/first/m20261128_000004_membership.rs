//! Districts, unions, persons, consents, rosters and memberships. Names, ID numbers and phones are
//! sealed; what must be unique among them is so through blind indexes.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unions = ["city", "county", "street", "pool", "grassroots"];
        closed_list(manager, "union_kinds", &unions).await?;
        closed_list(manager, "consent_acts", &["given", "withdrawn"]).await?;
        closed_list(manager, "membership_states", &STATES).await?;
        run(manager, UNIONS).await?;
        run(manager, PERSONS).await?;
        run(manager, MEMBERSHIPS).await
    }
}

const STATES: [&str; 7] = [
    "applied",
    "provisional",
    "under_review",
    "active",
    "returned",
    "rejected",
    "withdrawn",
];

const UNIONS: &[&str] = &[
    "CREATE TABLE districts (
        code TEXT PRIMARY KEY CHECK (length(code) = 6),
        name TEXT NOT NULL,
        lng {float} NOT NULL CHECK (lng BETWEEN -180 AND 180),
        lat {float} NOT NULL CHECK (lat BETWEEN -90 AND 90)
    )",
    "CREATE TABLE unions (
        id {uuid} PRIMARY KEY,
        parent_id {uuid} REFERENCES unions (id),
        path TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL REFERENCES union_kinds,
        district TEXT NOT NULL CHECK (length(district) = 6),
        occupation TEXT,
        platform TEXT,
        CHECK ((parent_id IS NULL) = (kind = 'city')),
        CHECK (kind = 'grassroots' OR (occupation IS NULL AND platform IS NULL))
    )",
    "CREATE UNIQUE INDEX unions_name ON unions (name)",
    "CREATE UNIQUE INDEX unions_one_pool ON unions (district) WHERE kind = 'pool'",
    "CREATE INDEX unions_district ON unions (district)",
    // Numbers of members only grow, by one statement, so none is given twice.
    "CREATE TABLE member_counters (
        district TEXT NOT NULL,
        year INTEGER NOT NULL,
        last BIGINT NOT NULL CHECK (last > 0),
        PRIMARY KEY (district, year)
    )",
];

const PERSONS: &[&str] = &[
    "CREATE TABLE persons (
        id {uuid} PRIMARY KEY,
        name {bytes} NOT NULL,
        id_number {bytes} NOT NULL,
        id_number_index {bytes} NOT NULL,
        created_at {time} NOT NULL
    )",
    "CREATE UNIQUE INDEX persons_id_number ON persons (id_number_index)",
    "CREATE TABLE consents (
        id {uuid} PRIMARY KEY,
        account_id {uuid} NOT NULL,
        purpose TEXT NOT NULL,
        version TEXT NOT NULL,
        act TEXT NOT NULL REFERENCES consent_acts,
        at {time} NOT NULL
    )",
    "CREATE INDEX consents_latest ON consents (account_id, purpose, id)",
];

const MEMBERSHIPS: &[&str] = &[
    "CREATE TABLE memberships (
        id {uuid} PRIMARY KEY,
        person_id {uuid} NOT NULL REFERENCES persons (id),
        account_id {uuid} NOT NULL,
        phone {bytes},
        phone_index {bytes},
        union_id {uuid} NOT NULL REFERENCES unions (id),
        routing {json} NOT NULL,
        occupation TEXT NOT NULL,
        platform TEXT,
        work_district TEXT NOT NULL,
        applied_at {time} NOT NULL,
        status TEXT NOT NULL REFERENCES membership_states,
        member_no TEXT,
        joined_on TEXT,
        due_at {time},
        reason TEXT,
        revision BIGINT NOT NULL CHECK (revision >= 0),
        CHECK ((phone IS NULL) = (phone_index IS NULL)),
        CHECK ((member_no IS NULL) = (joined_on IS NULL)),
        CHECK (status NOT IN ('provisional', 'active') OR member_no IS NOT NULL),
        CHECK (CASE
            WHEN status IN ('provisional', 'under_review') THEN due_at IS NOT NULL
            WHEN status IN ('applied', 'active', 'returned', 'rejected', 'withdrawn') THEN due_at IS NULL
        END),
        CHECK (CASE
            WHEN status IN ('returned', 'rejected') THEN reason IS NOT NULL
            WHEN status IN ('applied', 'provisional', 'under_review', 'active', 'withdrawn') THEN reason IS NULL
        END)
    )",
    // M1: one live membership or application a person. M7: a phone serves one of them.
    "CREATE UNIQUE INDEX memberships_one_live ON memberships (person_id)
        WHERE status IN ('applied', 'provisional', 'under_review', 'active', 'returned')",
    "CREATE UNIQUE INDEX memberships_one_phone ON memberships (phone_index)
        WHERE status IN ('applied', 'provisional', 'under_review', 'active', 'returned')",
    // M5: never given again, whatever became of the membership.
    "CREATE UNIQUE INDEX memberships_member_no ON memberships (member_no)",
    "CREATE INDEX memberships_person ON memberships (person_id, id)",
    "CREATE INDEX memberships_queue ON memberships (union_id, status, due_at)",
    "CREATE TABLE roster_rows (
        id {uuid} PRIMARY KEY,
        union_id {uuid} NOT NULL REFERENCES unions (id),
        phone {bytes} NOT NULL,
        phone_index {bytes} NOT NULL,
        name {bytes} NOT NULL,
        id_number {bytes} NOT NULL,
        id_number_index {bytes} NOT NULL,
        occupation TEXT NOT NULL,
        imported_at {time} NOT NULL,
        membership_id {uuid} REFERENCES memberships (id),
        consumed_at {time},
        CHECK ((membership_id IS NULL) = (consumed_at IS NULL))
    )",
    "CREATE UNIQUE INDEX roster_rows_once ON roster_rows (union_id, phone_index, id_number_index)",
    "CREATE INDEX roster_rows_waiting ON roster_rows (phone_index, id) WHERE membership_id IS NULL",
];
