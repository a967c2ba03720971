//! Opening the pools, with the settings that keep acknowledged commits.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
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
        Ok((open_sqlite(&settings.url, false).await?, open_sqlite(&settings.url, true).await?))
    } else {
        let pool = Database::connect(postgres(settings)).await?;
        Ok((pool.clone(), pool))
    }
}

/// Switching a new file to WAL does not wait for other processes that do the same, so this does.
async fn open_sqlite(url: &str, query_only: bool) -> Result<DatabaseConnection, DbErr> {
    let pauses = ConstantBuilder::default().with_delay(Duration::from_millis(50)).with_max_times(100);
    let open = || Database::connect(sqlite(url, query_only));
    open.retry(pauses).when(|error| error.to_string().contains("database is locked")).await
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
        // A file does not hang up.
        .test_before_acquire(false)
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
        // One that was used a moment ago need not be asked whether it still lives.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false)
        .set_application_name("niangjia")
        // A process that freezes in the middle of a transaction must not hold its locks for ever.
        .map_sqlx_postgres_opts(|options| options.options([("idle_in_transaction_session_timeout", "20s")]));
    options
}
