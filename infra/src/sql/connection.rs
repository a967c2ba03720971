//! Opening the pools, with the settings that keep acknowledged commits.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `sqlite://path/to/file.db` or `postgres://user:password@host/name`.
    pub url: String,
    /// Most connections of a PostgreSQL pool.
    pub max_connections: u32,
}

/// Opens (write, read). PostgreSQL: one pool for both. SQLite: one writing connection, several query-only ones.
pub async fn connect(settings: &DatabaseSettings) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    if settings.url.starts_with("sqlite:") {
        let write = Database::connect(sqlite(&settings.url, false)).await?;
        let read = Database::connect(sqlite(&settings.url, true)).await?;
        Ok((write, read))
    } else {
        let pool = Database::connect(postgres(settings)).await?;
        Ok((pool.clone(), pool))
    }
}

fn sqlite(url: &str, query_only: bool) -> ConnectOptions {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

    let mut options = ConnectOptions::new(url);
    options
        .max_connections(if query_only { 8 } else { 1 })
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(15))
        .max_lifetime(None)
        .idle_timeout(None)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // With WAL, anything less than FULL loses acknowledged commits on power loss.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10));
            if query_only { sqlite.pragma("query_only", "ON") } else { sqlite }
        });
    options
}

fn postgres(settings: &DatabaseSettings) -> ConnectOptions {
    let mut options = ConnectOptions::new(&settings.url);
    options
        .max_connections(settings.max_connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5))
        // The server may come later: readiness says so meanwhile.
        .connect_lazy(true)
        .sqlx_logging(false)
        .set_application_name("niangjia");
    options
}
