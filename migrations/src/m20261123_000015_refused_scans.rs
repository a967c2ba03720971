//! The log of refused scans is append-only, whoever writes to the table.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        for statement in statements {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }
}

const POSTGRES: &[&str] = &[
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER refused_scans_append_only BEFORE UPDATE OR DELETE ON refused_scans
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
];

const SQLITE: &[&str] = &[
    "CREATE TRIGGER refused_scans_no_update BEFORE UPDATE ON refused_scans
        BEGIN SELECT RAISE(ABORT, 'refused_scans is append-only'); END",
    "CREATE TRIGGER refused_scans_no_delete BEFORE DELETE ON refused_scans
        BEGIN SELECT RAISE(ABORT, 'refused_scans is append-only'); END",
];
