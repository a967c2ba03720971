//! Photos on their way from a phone to the private object store.

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
                "CREATE TABLE uploads (
                    id {uuid} PRIMARY KEY,
                    owner_id {uuid} NOT NULL REFERENCES accounts (id),
                    purpose TEXT NOT NULL CHECK (purpose IN ('wish_photo', 'thanks_photo')),
                    content_type TEXT NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/webp')),
                    token TEXT NOT NULL UNIQUE CHECK (length(token) = 32),
                    created_at {time} NOT NULL,
                    status TEXT NOT NULL
                        CHECK (status IN ('awaiting_object', 'checking', 'ready', 'refused', 'expired')),
                    checking_since {time},
                    settled_at {time},
                    width INTEGER CHECK (width > 0),
                    height INTEGER CHECK (height > 0),
                    refusal TEXT CHECK (refusal IN ('not_a_picture', 'too_large', 'damaged')),
                    original_kept {bool} NOT NULL,
                    CHECK ((status = 'checking') = (checking_since IS NOT NULL)),
                    CHECK ((status IN ('ready', 'refused', 'expired')) = (settled_at IS NOT NULL)),
                    CHECK ((status = 'ready') = (width IS NOT NULL AND height IS NOT NULL)),
                    CHECK ((status = 'refused') = (refusal IS NOT NULL))
                )",
                "CREATE INDEX uploads_owner ON uploads (owner_id)",
                "CREATE INDEX uploads_original_kept ON uploads (created_at) WHERE original_kept",
            ],
        )
        .await
    }
}
