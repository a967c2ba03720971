//! Bringing the schema up to date, by one process at a time and all at once: the pending steps run
//! in one transaction behind a lock, so a process that dies half-way leaves nothing behind and the
//! next one starts afresh.

use niangjia_domain::store::StoreError;
use niangjia_migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::error::store_error;

/// The number of our PostgreSQL advisory lock: "niangjia" in ASCII.
const LOCK: i64 = 0x6e69_616e_676a_6961;

/// One step of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub applied: bool,
}

/// Runs the pending steps and names them. Several processes may call this at once: one works, the
/// others wait.
///
/// `Unavailable` when the database is away or another process works for long (try again); `Failed`
/// when a step is refused or the database was written by a newer version.
pub async fn migrate(write: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
    // The usual start finds nothing to do and takes no lock.
    if pending(write).await.map_err(store_error)?.is_empty() {
        return Ok(Vec::new());
    }
    apply(write).await.map_err(store_error)
}

/// All steps, oldest first, without changing anything.
pub async fn steps(read: &DatabaseConnection) -> Result<Vec<Step>, StoreError> {
    let waiting = pending(read).await.map_err(store_error)?;
    let name = |step: &dyn niangjia_migrations::MigrationTrait| step.name().to_owned();
    let all = Migrator::migrations()
        .iter()
        .map(|step| name(&**step))
        .collect::<Vec<_>>();
    Ok(all
        .into_iter()
        .map(|name| Step {
            applied: !waiting.contains(&name),
            name,
        })
        .collect())
}

async fn apply(write: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let transaction = begin_alone(write).await?;
    let names = pending(&transaction).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(names)
}

/// A transaction that holds the lock until it ends. SQLite has one writer at a time anyway.
async fn begin_alone(write: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = write.begin_with_options(options).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // However long the other process works, and however long our own steps take.
        let unhurried = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0";
        transaction.execute_unprepared(unhurried).await?;
        transaction
            .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
            .await?;
    }
    Ok(transaction)
}

async fn pending(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let steps = Migrator::get_pending_migrations_read_only(db).await?;
    Ok(steps.iter().map(|step| step.name().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{DatabaseSettings, Patience, connect};

    /// What every process does at start: open the pools, migrate.
    async fn start(url: String) -> Vec<String> {
        let (write, _read) = connect(&DatabaseSettings {
            url,
            max_connections: 2,
            patience: Patience::default(),
        })
        .await
        .unwrap();
        migrate(&write).await.unwrap()
    }

    async fn four_at_once(url: &str) {
        let starts = (0..4)
            .map(|_| tokio::spawn(start(url.to_owned())))
            .collect::<Vec<_>>();
        let mut worked = 0;
        for one in starts {
            worked += usize::from(!one.await.unwrap().is_empty());
        }
        assert_eq!(worked, 1, "exactly one process migrates");
        assert!(start(url.to_owned()).await.is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn processes_that_start_at_once_migrate_once_on_sqlite() {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            four_at_once(&format!("sqlite://{}/niangjia.db", folder.path().display())).await;
        }
    }

    #[tokio::test]
    async fn steps_are_listed_without_touching_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/niangjia.db", folder.path().display());
        let (write, read) = connect(&DatabaseSettings {
            url,
            max_connections: 2,
            patience: Patience::default(),
        })
        .await
        .unwrap();
        assert!(steps(&read).await.unwrap().iter().all(|step| !step.applied));
        migrate(&write).await.unwrap();
        assert!(steps(&read).await.unwrap().iter().all(|step| step.applied));
    }

    #[tokio::test]
    async fn a_database_of_a_newer_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/niangjia.db", folder.path().display());
        let (write, _) = connect(&DatabaseSettings {
            url,
            max_connections: 2,
            patience: Patience::default(),
        })
        .await
        .unwrap();
        migrate(&write).await.unwrap();
        write
            .execute_unprepared("INSERT INTO seaql_migrations VALUES ('m2999_future', 1)")
            .await
            .unwrap();
        assert!(matches!(migrate(&write).await, Err(StoreError::Failed(_))));
    }
}
