//! Many rows in one statement whose text does not depend on how many there are, so that it is
//! prepared once. In the text `{rows}` stands for the rows as a table `t` with the columns' names
//! and `ordinal`, their order: arrays through `unnest` on PostgreSQL, one JSON text through
//! `json_each` on SQLite.

use chrono::{DateTime, SecondsFormat, Utc};
use niangjia_domain::store::StoreError;
use sea_orm::{
    ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Statement, Value, prelude::Json,
};
use serde_json::json;
use uuid::Uuid;

use super::{error::store_error, rows::corrupt, store::SqlTx};

/// The cells of one column. The PostgreSQL driver binds no NULL inside an array: the optional ones
/// travel as an empty value and become NULL again in the statement.
pub(crate) enum Cells {
    Uuids(Vec<Uuid>),
    MaybeUuids(Vec<Option<Uuid>>),
    Texts(Vec<String>),
    MaybeTexts(Vec<Option<String>>),
    Bytes(Vec<Vec<u8>>),
    Numbers(Vec<i64>),
    Flags(Vec<bool>),
    Times(Vec<DateTime<Utc>>),
    Documents(Vec<Json>),
}

/// Rows for one statement, column by column.
#[derive(Default)]
pub(crate) struct Rows(Vec<(&'static str, Cells)>);

impl Rows {
    pub(crate) fn with(mut self, name: &'static str, cells: Cells) -> Self {
        self.0.push((name, cells));
        self
    }

    pub(crate) fn uuids(self, name: &'static str, cells: impl IntoIterator<Item = Uuid>) -> Self {
        self.with(name, Cells::Uuids(cells.into_iter().collect()))
    }

    pub(crate) fn texts(self, name: &'static str, cells: impl IntoIterator<Item = String>) -> Self {
        self.with(name, Cells::Texts(cells.into_iter().collect()))
    }

    pub(crate) fn numbers(self, name: &'static str, cells: impl IntoIterator<Item = i64>) -> Self {
        self.with(name, Cells::Numbers(cells.into_iter().collect()))
    }

    fn count(&self) -> usize {
        self.0.first().map_or(0, |(_, cells)| cells.count())
    }

    /// The table, and the values of the parameters from `$first` on.
    fn bind(self, backend: DbBackend, first: usize) -> (String, Vec<Value>) {
        if backend == DbBackend::Postgres {
            self.unnested(first)
        } else {
            self.in_json(first)
        }
    }

    fn unnested(self, first: usize) -> (String, Vec<Value>) {
        let (mut arrays, mut names, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (n, (name, cells)) in self.0.iter().enumerate() {
            let (kind, column) = cells.postgres(n);
            arrays.push(format!("${}::{kind}[]", first + n));
            names.push(format!("c{n}"));
            columns.push(format!("{column} AS {name}"));
        }
        let (arrays, names, columns) = (arrays.join(", "), names.join(", "), columns.join(", "));
        let table = format!(
            "(SELECT {columns}, ordinal FROM unnest({arrays}) WITH ORDINALITY AS c ({names}, ordinal)) AS t"
        );
        (
            table,
            self.0.into_iter().map(|(_, cells)| cells.array()).collect(),
        )
    }

    fn in_json(self, first: usize) -> (String, Vec<Value>) {
        let columns: Vec<_> = self
            .0
            .iter()
            .enumerate()
            .map(|(n, (name, cells))| format!("{} AS {name}", cells.sqlite(n)))
            .collect();
        let rows: Vec<_> = (0..self.count())
            .map(|row| {
                self.0
                    .iter()
                    .map(|(_, cells)| cells.json(row))
                    .collect::<Json>()
            })
            .collect();
        let table = format!(
            "(SELECT {}, key AS ordinal FROM json_each(${first}) ORDER BY key) AS t",
            columns.join(", ")
        );
        (table, vec![Json::from(rows).to_string().into()])
    }
}

const NIL: &str = "'00000000-0000-0000-0000-000000000000'";

impl Cells {
    fn count(&self) -> usize {
        match self {
            Self::Uuids(cells) => cells.len(),
            Self::MaybeUuids(cells) => cells.len(),
            Self::Texts(cells) => cells.len(),
            Self::MaybeTexts(cells) => cells.len(),
            Self::Bytes(cells) => cells.len(),
            Self::Numbers(cells) => cells.len(),
            Self::Flags(cells) => cells.len(),
            Self::Times(cells) => cells.len(),
            Self::Documents(cells) => cells.len(),
        }
    }

    /// The array's element type, and how the n-th column reads out of it.
    fn postgres(&self, n: usize) -> (&'static str, String) {
        match self {
            Self::Uuids(_) => ("uuid", format!("c{n}")),
            Self::MaybeUuids(_) => ("uuid", format!("NULLIF(c{n}, {NIL}::uuid)")),
            Self::Texts(_) => ("text", format!("c{n}")),
            Self::MaybeTexts(_) => ("text", format!("NULLIF(c{n}, '')")),
            Self::Bytes(_) => ("bytea", format!("c{n}")),
            Self::Numbers(_) => ("bigint", format!("c{n}")),
            Self::Flags(_) => ("boolean", format!("c{n}")),
            Self::Times(_) => ("timestamptz", format!("c{n}")),
            Self::Documents(_) => ("text", format!("c{n}::jsonb")),
        }
    }

    fn array(self) -> Value {
        match self {
            Self::Uuids(cells) => cells.into(),
            Self::MaybeUuids(cells) => cells
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect::<Vec<Uuid>>()
                .into(),
            Self::Texts(cells) => cells.into(),
            Self::MaybeTexts(cells) => cells
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect::<Vec<String>>()
                .into(),
            Self::Bytes(cells) => cells.into(),
            Self::Numbers(cells) => cells.into(),
            Self::Flags(cells) => cells.into(),
            Self::Times(cells) => cells.into(),
            Self::Documents(cells) => cells.iter().map(Json::to_string).collect::<Vec<_>>().into(),
        }
    }

    fn sqlite(&self, n: usize) -> String {
        match self {
            // JSON knows no bytes.
            Self::Uuids(_) | Self::MaybeUuids(_) | Self::Bytes(_) => {
                format!("unhex(value ->> {n})")
            }
            Self::Texts(_)
            | Self::MaybeTexts(_)
            | Self::Numbers(_)
            | Self::Flags(_)
            | Self::Times(_)
            | Self::Documents(_) => {
                format!("value ->> {n}")
            }
        }
    }

    fn json(&self, row: usize) -> Json {
        match self {
            Self::Uuids(cells) => json!(cells[row].simple().to_string()),
            Self::MaybeUuids(cells) => json!(cells[row].map(|id| id.simple().to_string())),
            Self::Texts(cells) => json!(cells[row]),
            Self::MaybeTexts(cells) => json!(cells[row]),
            Self::Bytes(cells) => json!(hex::encode(&cells[row])),
            Self::Numbers(cells) => json!(cells[row]),
            Self::Flags(cells) => json!(cells[row]),
            // As the driver writes times.
            Self::Times(cells) => json!(cells[row].to_rfc3339_opts(SecondsFormat::AutoSi, false)),
            Self::Documents(cells) => json!(cells[row].to_string()),
        }
    }
}

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
