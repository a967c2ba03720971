//! Many rows by few statements, on both databases.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, Value,
    sea_query::{Alias, Query, SimpleExpr},
};

/// Rows that go in by one statement: SQLite takes 32,766 values.
pub(in crate::bench) const AT_ONCE: usize = 1_000;

/// Each row has a value for each column.
pub(in crate::bench) async fn insert(
    db: &DatabaseConnection,
    table: &str,
    columns: &[&str],
    rows: impl IntoIterator<Item = Vec<Value>>,
) {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut statement = Query::insert();
        statement
            .into_table(Alias::new(table))
            .columns(columns.iter().map(|column| Alias::new(*column)));
        for row in rows.by_ref().take(AT_ONCE) {
            statement.values_panic(row.into_iter().map(SimpleExpr::from));
        }
        db.execute(&statement)
            .await
            .unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}
