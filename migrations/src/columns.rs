//! Column types and closed lists that mean the same on both databases, so that a step can be
//! written once as SQL text.
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

/// A closed list (states, kinds, decisions) as a table: columns say `REFERENCES table`, and one
/// more code is one more row. A `CHECK (x IN (…))` could change on SQLite only with the whole table.
pub async fn closed_list(
    manager: &SchemaManager<'_>,
    table: &str,
    codes: &[&str],
) -> Result<(), DbErr> {
    let rows: Vec<_> = codes.iter().map(|code| format!("('{code}')")).collect();
    let made = format!("CREATE TABLE {table} (code TEXT NOT NULL PRIMARY KEY)");
    let filled = format!("INSERT INTO {table} (code) VALUES {}", rows.join(", "));
    run(manager, &[&made, &filled]).await
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
