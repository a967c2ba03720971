//! Hand-written statements, run on a unit of work.

use niangjia_domain::store::StoreError;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};

use super::{error::store_error, store::SqlTx};

impl SqlTx {
    /// Runs a write and says how many rows it met.
    pub(crate) async fn run(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self
            .db()
            .execute_raw(statement)
            .await
            .map_err(store_error)?
            .rows_affected())
    }

    /// What a statement returns.
    pub(crate) async fn rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        self.db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)
    }
}
