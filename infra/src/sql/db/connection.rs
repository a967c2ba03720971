//! Opening the pools, with the settings that keep acknowledged commits.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use super::error::is_busy;

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `sqlite://path/to/file.db` or `postgres://user:password@host/name`.
    pub url: String,
    /// Most connections to PostgreSQL; a quarter of them write.
    pub max_connections: u32,
    pub patience: Patience,
}

/// How long PostgreSQL works for us before it gives up. SQLite waits for its one writer, as long as
/// any write may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a row or table that somebody else holds. Long enough for many groups of another process,
    /// which hold a counter for milliseconds each; short enough that nobody's lock stalls what does
    /// not need it.
    pub lock: Duration,
    /// For one statement, its waiting included. `Store::begin_long` and `read_long` are allowed more.
    pub statement: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            lock: Duration::from_secs(2),
            statement: Duration::from_secs(10),
        }
    }
}

/// Opens (write, read). SQLite: one writing connection, several query-only ones. PostgreSQL: few
/// that write, because storms travel in groups or wait for the same rows, and what is used often
/// has its statements planned; a long report never keeps a claim waiting for a connection.
pub async fn connect(
    settings: &DatabaseSettings,
) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    if settings.url.starts_with("sqlite:") {
        return Ok((
            open_sqlite(&settings.url, false).await?,
            open_sqlite(&settings.url, true).await?,
        ));
    }
    let writing = (settings.max_connections / 4).max(1);
    let reading = settings.max_connections.saturating_sub(writing).max(1);
    let (write, read) = (
        postgres(settings, writing, false),
        postgres(settings, reading, true),
    );
    Ok((
        Database::connect(write).await?,
        Database::connect(read).await?,
    ))
}

/// Switching a new file to WAL does not wait for other processes that do the same, so this does.
async fn open_sqlite(url: &str, query_only: bool) -> Result<DatabaseConnection, DbErr> {
    let pauses = ConstantBuilder::default()
        .with_delay(Duration::from_millis(50))
        .with_max_times(100);
    let open = || Database::connect(sqlite(url, query_only));
    open.retry(pauses).when(is_busy).await
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
            if query_only {
                sqlite.pragma("query_only", "ON")
            } else {
                sqlite
            }
        });
    options
}

fn postgres(settings: &DatabaseSettings, connections: u32, query_only: bool) -> ConnectOptions {
    let patience = settings.patience;
    let mut options = ConnectOptions::new(&settings.url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5))
        // The server may come later: readiness says so meanwhile.
        .connect_lazy(true)
        // One that was used a moment ago need not be asked whether it still lives.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false)
        .set_application_name("niangjia")
        .map_sqlx_postgres_opts(move |options| {
            let millis = |patience: Duration| patience.as_millis().to_string();
            let read_only = if query_only { "on" } else { "off" };
            options.options([
                // A process that freezes in the middle of a transaction must not hold its locks for
                // ever.
                ("idle_in_transaction_session_timeout", "20s".to_owned()),
                ("default_transaction_read_only", read_only.to_owned()),
                ("lock_timeout", millis(patience.lock)),
                ("statement_timeout", millis(patience.statement)),
            ])
        });
    options
}
