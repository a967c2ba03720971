//! Photos on their way from a phone to the private object store.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = ["awaiting_object", "checking", "ready", "refused", "expired"];
        closed_list(manager, "upload_states", &states).await?;
        let types = ["image/jpeg", "image/png", "image/webp"];
        closed_list(manager, "upload_content_types", &types).await?;
        closed_list(manager, "upload_purposes", &["wish_photo", "thanks_photo"]).await?;
        let refusals = ["not_a_picture", "too_large", "damaged"];
        closed_list(manager, "upload_refusals", &refusals).await?;
        run(
            manager,
            &[
                "CREATE TABLE uploads (
                    id {uuid} PRIMARY KEY,
                    owner_id {uuid} NOT NULL REFERENCES accounts (id),
                    purpose TEXT NOT NULL REFERENCES upload_purposes,
                    content_type TEXT NOT NULL REFERENCES upload_content_types,
                    token TEXT NOT NULL UNIQUE CHECK (length(token) = 32),
                    created_at {time} NOT NULL,
                    status TEXT NOT NULL REFERENCES upload_states,
                    checking_since {time},
                    settled_at {time},
                    width INTEGER CHECK (width > 0),
                    height INTEGER CHECK (height > 0),
                    refusal TEXT REFERENCES upload_refusals,
                    original_kept {bool} NOT NULL,
                    CHECK ((status = 'checking') = (checking_since IS NOT NULL)),
                    CHECK (CASE
                        WHEN status IN ('ready', 'refused', 'expired') THEN settled_at IS NOT NULL
                        WHEN status IN ('awaiting_object', 'checking') THEN settled_at IS NULL
                    END),
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
