//! What an operator wants to know about the database; changes nothing.

use chrono::{DateTime, Utc};
use niangjia_domain::store::StoreError;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use super::error::store_error;

/// Facts about the database behind a pool.
#[derive(Debug, Clone, PartialEq)]
pub enum DatabaseFacts {
    Sqlite {
        version: String,
        /// `wal` when all is well.
        journal_mode: String,
        /// Why the file cannot be written, if so.
        write_refused: Option<String>,
    },
    Postgres {
        version: String,
        /// 150013 is 15.13.
        version_number: i64,
        encoding: String,
        time_zone: String,
        /// A replica cannot be written.
        replica: bool,
        now: DateTime<Utc>,
    },
}

/// Asks the database about itself.
pub async fn inspect(write: &DatabaseConnection) -> Result<DatabaseFacts, StoreError> {
    match write.get_database_backend() {
        DbBackend::Postgres => postgres(write).await,
        _ => sqlite(write).await,
    }
    .map_err(store_error)
}

async fn sqlite(write: &DatabaseConnection) -> Result<DatabaseFacts, DbErr> {
    Ok(DatabaseFacts::Sqlite {
        version: first(write, "SELECT sqlite_version()").await?,
        journal_mode: first(write, "PRAGMA journal_mode").await?,
        write_refused: try_write_lock(write)
            .await
            .err()
            .map(|error| error.to_string()),
    })
}

/// Takes the write lock and gives it back: a read-only file or folder refuses here.
async fn try_write_lock(write: &DatabaseConnection) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    write.begin_with_options(options).await?.rollback().await
}

async fn postgres(write: &DatabaseConnection) -> Result<DatabaseFacts, DbErr> {
    Ok(DatabaseFacts::Postgres {
        version: first(write, "SELECT current_setting('server_version')").await?,
        version_number: first(
            write,
            "SELECT current_setting('server_version_num')::bigint",
        )
        .await?,
        encoding: first(write, "SELECT current_setting('server_encoding')").await?,
        time_zone: first(write, "SELECT current_setting('TimeZone')").await?,
        replica: first(write, "SELECT pg_is_in_recovery()").await?,
        now: first(write, "SELECT clock_timestamp()").await?,
    })
}

async fn first<T: sea_orm::TryGetable>(db: &DatabaseConnection, sql: &str) -> Result<T, DbErr> {
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?
        .try_get_by_index(0)
}
