//! Rows, column by column, and the table `t` that stands for them in a statement.

use sea_orm::{DbBackend, Value, prelude::Json};
use uuid::Uuid;

use super::Cells;

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

    pub(super) fn count(&self) -> usize {
        self.0.first().map_or(0, |(_, cells)| cells.count())
    }

    /// The table, and the values of the parameters from `$first` on.
    pub(super) fn bind(self, backend: DbBackend, first: usize) -> (String, Vec<Value>) {
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
