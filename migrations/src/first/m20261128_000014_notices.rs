//! Inboxes. A notice bears its event's uuid, so the primary key makes a second delivery harmless.

use sea_orm_migration::prelude::*;

use crate::columns::run;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "CREATE TABLE notices (
                    id {uuid} PRIMARY KEY,
                    recipient_id {uuid} NOT NULL,
                    topic TEXT NOT NULL,
                    title TEXT NOT NULL,
                    body TEXT NOT NULL,
                    subject TEXT,
                    created_at {time} NOT NULL,
                    read_at {time}
                )",
                "CREATE INDEX notices_inbox ON notices (recipient_id, id)",
            ],
        )
        .await
    }
}
