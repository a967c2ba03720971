//! Small words for reading rows and counting them.

use niangjia_domain::{
    kernel::{Page, PageRequest},
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, IdenStatic, QueryFilter, QueryOrder, QuerySelect,
    Select, UpdateResult,
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
