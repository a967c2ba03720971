//! A database in which nobody else can write a voucher for a while: what is on its way waits.

use niangjia_infra::sql::SqlStore;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

pub struct Standstill(DatabaseTransaction);

impl Standstill {
    /// Readers go on. Servers give up after about ten seconds.
    pub async fn of(store: &SqlStore) -> Self {
        // SQLite has one writer: who has begun holds everybody up.
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = store
            .writer()
            .begin_with_options(immediate)
            .await
            .expect("a transaction");
        if transaction.get_database_backend() == DbBackend::Postgres {
            transaction
                .execute_unprepared("LOCK TABLE vouchers IN EXCLUSIVE MODE")
                .await
                .expect("the lock");
        }
        Self(transaction)
    }

    pub async fn end(self) {
        self.0.rollback().await.expect("nothing was written");
    }
}
