//! Column types that mean the same on both databases, so that a step can be written once as SQL
//! text.
//!
//! `{uuid} {time} {json} {bytes} {bool} {float}` in a statement become each database's own type.
//! Times are bound as UTC only; on SQLite they are text that sorts, money is `BIGINT` fen
//! everywhere.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// Runs statements one by one, with column types put in.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(&typed(statement, manager.get_database_backend()))
            .await?;
    }
    Ok(())
}

fn typed(statement: &str, backend: DbBackend) -> String {
    let types = match backend {
        DbBackend::Postgres => [
            ("{uuid}", "uuid"),
            ("{time}", "timestamptz"),
            ("{json}", "jsonb"),
            ("{bytes}", "bytea"),
            ("{float}", "double precision"),
        ],
        _ => [
            ("{uuid}", "blob"),
            ("{time}", "text"),
            ("{json}", "text"),
            ("{bytes}", "blob"),
            ("{float}", "real"),
        ],
    };
    types.iter().fold(
        statement.replace("{bool}", "boolean"),
        |text, (word, own)| text.replace(word, own),
    )
}
