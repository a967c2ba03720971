//! Many rows in one statement whose text does not depend on how many there are, so that it is
//! prepared once. In the text `{rows}` stands for the rows as a table `t` with the columns' names
//! and `ordinal`, their order: arrays through `unnest` on PostgreSQL, one JSON text through
//! `json_each` on SQLite.

mod cells;
mod rows;

pub(crate) use cells::Cells;
pub(crate) use rows::Rows;

use niangjia_domain::store::StoreError;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Statement, Value};

use super::{error::store_error, rows::corrupt, store::SqlTx};

impl SqlTx {
    /// Runs a write over `rows` and says how many rows it met. `values` are `$1` and on.
    pub(crate) async fn run_rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
        rows: Rows,
    ) -> Result<u64, StoreError> {
        if rows.count() == 0 {
            return Ok(0);
        }
        let statement = self.statement_of(sql, values, rows);
        Ok(self
            .db()
            .execute_raw(statement)
            .await
            .map_err(store_error)?
            .rows_affected())
    }

    /// What a statement over `rows` returns. `values` are `$1` and on.
    pub(crate) async fn query_rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
        rows: Rows,
    ) -> Result<Vec<QueryResult>, StoreError> {
        if rows.count() == 0 {
            return Ok(Vec::new());
        }
        let statement = self.statement_of(sql, values, rows);
        self.db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)
    }

    /// Places, counted from 0, of the rows whose ordinal a statement returns.
    pub(crate) async fn query_places(
        &self,
        sql: &str,
        rows: Rows,
    ) -> Result<Vec<usize>, StoreError> {
        self.query_rows(sql, [], rows)
            .await?
            .iter()
            .map(|row| place(self.backend(), row))
            .collect()
    }

    fn statement_of(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
        rows: Rows,
    ) -> Statement {
        let mut values: Vec<_> = values.into_iter().collect();
        let (table, bound) = rows.bind(self.backend(), values.len() + 1);
        values.extend(bound);
        Statement::from_sql_and_values(self.backend(), sql.replace("{rows}", &table), values)
    }
}

/// One column of a row that a statement returned.
pub(crate) fn cell<T: sea_orm::TryGetable>(
    row: &QueryResult,
    column: &str,
) -> Result<T, StoreError> {
    row.try_get("", column).map_err(store_error)
}

/// Which of the rows a returned one belongs to, counted from 0. PostgreSQL counts ordinals from 1.
pub(crate) fn place(backend: DbBackend, row: &QueryResult) -> Result<usize, StoreError> {
    let ordinal: i64 = cell(row, "ordinal")?;
    let place = if backend == DbBackend::Postgres {
        ordinal - 1
    } else {
        ordinal
    };
    usize::try_from(place).map_err(|_| corrupt("ordinal", ordinal))
}

/// Rows of a table in the shape of its entity.
pub(crate) fn models<M: FromQueryResult>(rows: &[QueryResult]) -> Result<Vec<M>, StoreError> {
    rows.iter()
        .map(|row| M::from_query_result(row, "").map_err(store_error))
        .collect()
}
