//! Holds and disputed scans that nobody decides on in time are told to the district around, once.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ESCALATIONS).await
    }
}

const ESCALATIONS: &[&str] = &[
    "ALTER TABLE redemption_suspensions ADD COLUMN escalated_at {time}",
    "CREATE INDEX redemption_suspensions_due ON redemption_suspensions (due_at) WHERE decision IS NULL AND escalated_at IS NULL",
    "ALTER TABLE disputed_scans ADD COLUMN escalated_at {time}",
    "CREATE INDEX disputed_scans_due ON disputed_scans (due_at) WHERE status = 'open' AND escalated_at IS NULL",
];
