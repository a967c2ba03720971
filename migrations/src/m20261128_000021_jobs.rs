//! Who leads which background job, and what makes looking at waiting work and forgetting old work
//! cheap.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, JOBS).await
    }
}

const JOBS: &[&str] = &[
    "CREATE TABLE job_leases (
        job TEXT PRIMARY KEY,
        leader {uuid},
        taken_at {time} NOT NULL,
        until {time} NOT NULL,
        runs BIGINT NOT NULL CHECK (runs >= 0),
        failures BIGINT NOT NULL CHECK (failures >= 0),
        last_success_at {time},
        last_failure_at {time},
        last_failure TEXT,
        CHECK ((last_failure_at IS NULL) = (last_failure IS NULL))
    )",
    "CREATE INDEX sessions_expires_at ON sessions (expires_at)",
];
