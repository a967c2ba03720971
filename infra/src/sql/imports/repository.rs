//! Imports. Whoever moves the place from where it was read has taken the rows between.

use async_trait::async_trait;
use niangjia_domain::{
    imports::{Import, RowError, ports::ImportRepository},
    kernel::{Jurisdiction, Page, PageRequest, id::ImportId},
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement,
    sea_query::Expr,
};

use super::import::{Column, Entity, import, row, whole};
use crate::sql::db::{
    area::inside,
    bulk::{self, Rows},
    error::store_error,
    rows::{corrupt, took_effect},
    store::SqlTx,
};

#[async_trait]
impl ImportRepository for SqlTx {
    async fn add(&mut self, import: &Import, file: &[u8]) -> Result<(), StoreError> {
        Entity::insert(row(import))
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        self.keep_pieces(import.id, file).await
    }

    async fn find(&mut self, id: ImportId) -> Result<Option<Import>, StoreError> {
        let query = Entity::find_by_id(id.uuid());
        let found = query.one(&self.db()).await.map_err(store_error)?;
        found.map(import).transpose()
    }

    async fn find_within(
        &mut self,
        id: ImportId,
        area: &Jurisdiction,
    ) -> Result<Option<Import>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(within(area));
        let found = query.one(&self.db()).await.map_err(store_error)?;
        found.map(import).transpose()
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<Import>, StoreError> {
        let query = Entity::find().filter(within(area));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        Ok(Page {
            items: rows
                .items
                .into_iter()
                .map(import)
                .collect::<Result<_, _>>()?,
            next: rows.next,
        })
    }

    async fn oldest_open(&mut self) -> Result<Option<Import>, StoreError> {
        let query = Entity::find()
            .filter(Column::FinishedAt.is_null())
            .order_by_asc(Column::Id);
        let found = query.one(&self.db()).await.map_err(store_error)?;
        found.map(import).transpose()
    }

    async fn file(&mut self, id: ImportId) -> Result<Option<Vec<u8>>, StoreError> {
        self.pieces(id).await
    }

    async fn save(&mut self, import: &Import, read_before: u64) -> Result<bool, StoreError> {
        let tally = import.tally;
        let update = Entity::update_many()
            .col_expr(Column::RowsRead, Expr::value(whole(tally.read)))
            .col_expr(Column::Added, Expr::value(whole(tally.added)))
            .col_expr(Column::Updated, Expr::value(whole(tally.updated)))
            .col_expr(Column::Unchanged, Expr::value(whole(tally.unchanged)))
            .col_expr(Column::Refused, Expr::value(whole(tally.refused)))
            .col_expr(Column::Errors, Expr::value(whole(tally.errors)))
            .col_expr(Column::State, Expr::value(import.state.status().code()))
            .col_expr(Column::FinishedAt, Expr::value(import.state.finished_at()))
            .filter(Column::Id.eq(import.id.uuid()))
            .filter(Column::RowsRead.eq(whole(read_before)))
            .filter(Column::FinishedAt.is_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn add_errors(
        &mut self,
        id: ImportId,
        first: u64,
        errors: &[RowError],
    ) -> Result<(), StoreError> {
        let rows = Rows::default()
            .numbers("n", (whole(first)..).take(errors.len()))
            .numbers("line", errors.iter().map(|error| error.line.into()))
            .texts(
                "column_key",
                errors.iter().map(|error| error.column.clone()),
            )
            .texts("code", errors.iter().map(|error| error.code.clone()))
            .texts("detail", errors.iter().map(|error| error.detail.clone()));
        let sql = "INSERT INTO import_row_errors (import_id, n, line, column_key, code, detail) \
                   SELECT $1, n, line, column_key, code, detail FROM {rows}";
        self.run_rows(sql, [id.uuid().into()], rows).await?;
        Ok(())
    }

    async fn errors(&mut self, id: ImportId) -> Result<Vec<RowError>, StoreError> {
        let sql = "SELECT line, column_key, code, detail FROM import_row_errors \
                   WHERE import_id = $1 ORDER BY n";
        let statement = Statement::from_sql_and_values(self.backend(), sql, [id.uuid().into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| {
                let line: i64 = bulk::cell(row, "line")?;
                Ok(RowError {
                    line: u32::try_from(line).map_err(|_| corrupt("import_row_errors", id))?,
                    column: bulk::cell(row, "column_key")?,
                    code: bulk::cell(row, "code")?,
                    detail: bulk::cell(row, "detail")?,
                })
            })
            .collect()
    }

    async fn remove_file(&mut self, id: ImportId) -> Result<(), StoreError> {
        self.remove_pieces(id).await
    }
}

/// A union sees its own imports, a district those of its unions too.
fn within(area: &Jurisdiction) -> Condition {
    match area {
        Jurisdiction::Union(id) => Condition::all().add(Column::UnionId.eq(id.uuid())),
        Jurisdiction::Everywhere | Jurisdiction::District(_) => inside(Column::District, area),
    }
}
