//! Small words for reading rows and counting them.

use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        backlog::{Backlog, COUNTED_AT_MOST},
    },
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, QueryFilter,
    QueryOrder, QuerySelect, Select, Statement, UpdateResult, Value,
};
use uuid::Uuid;

use super::{error::store_error, store::SqlTx};

/// Whether a guarded update found its row.
pub(crate) fn took_effect(result: UpdateResult) -> bool {
    result.rows_affected > 0
}

/// A value of a row that cannot be: names the row, never panics.
pub(crate) fn corrupt(table: &'static str, id: impl ToString) -> StoreError {
    StoreError::Corrupt {
        table,
        id: id.to_string(),
    }
}

/// Reads a stored enum or newtype.
pub(crate) fn parsed<T, E>(
    table: &'static str,
    id: Uuid,
    value: Result<T, E>,
) -> Result<T, StoreError> {
    value.map_err(|_| corrupt(table, id))
}

impl SqlTx {
    /// Removes up to `limit` rows: `sql` is a DELETE that ends in `LIMIT {limit})`.
    pub(crate) async fn remove(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = sql.replace("{limit}", &limit.to_string());
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let removed = self.db().execute_raw(statement).await;
        Ok(removed.map_err(store_error)?.rows_affected())
    }

    /// How many rows `waiting` selects, and the oldest `at` among them. It ends in an ORDER BY
    /// that an index serves, oldest first.
    pub(crate) async fn backlog_of(&self, waiting: &str) -> Result<Backlog, StoreError> {
        let sql = format!(
            "SELECT COUNT(*) AS waiting, MIN(at) AS oldest_at \
             FROM ({waiting} LIMIT {COUNTED_AT_MOST}) AS counted"
        );
        let statement = Statement::from_string(self.backend(), sql);
        let row = self.db().query_one_raw(statement).await;
        let Some(row) = row.map_err(store_error)? else {
            return Ok(Backlog::default());
        };
        let waiting: i64 = row.try_get("", "waiting").map_err(store_error)?;
        Ok(Backlog {
            waiting: u64::try_from(waiting).unwrap_or_default(),
            oldest_at: row.try_get("", "oldest_at").map_err(store_error)?,
        })
    }

    /// One page of a query, newest id first.
    pub(crate) async fn page<E, C, M>(
        &self,
        query: Select<E>,
        id_column: C,
        request: PageRequest,
        id: impl Fn(&M) -> Uuid,
    ) -> Result<Page<M>, StoreError>
    where
        E: EntityTrait<Model = M>,
        C: ColumnTrait + IdenStatic,
        M: FromQueryResult + Sized + Send + Sync,
    {
        let query = match request.after {
            Some(after) => query.filter(id_column.lt(after)),
            None => query,
        };
        let query = query.order_by_desc(id_column).limit(request.limit + 1);
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        Ok(Page::cut(rows, request, id))
    }
}
