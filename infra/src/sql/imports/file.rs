//! The file of an open import: sealed like every other personal data, in pieces that no driver
//! chokes on.

use niangjia_domain::{kernel::id::ImportId, store::StoreError};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};

use crate::{
    crypto::field_cipher::Cell,
    sql::db::{error::store_error, store::SqlTx},
};

const PIECE_BYTES: usize = 1024 * 1024;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_file_pieces")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i32,
    /// Sealed.
    pub content: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl SqlTx {
    pub(super) async fn keep_pieces(&self, id: ImportId, file: &[u8]) -> Result<(), StoreError> {
        for (n, piece) in (0..).zip(file.chunks(PIECE_BYTES)) {
            let row = ActiveModel {
                import_id: Set(id.uuid()),
                n: Set(n),
                content: Set(self.seal_bytes(cell(id), piece)?),
            };
            Entity::insert(row)
                .exec_without_returning(&self.db())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    pub(super) async fn pieces(&self, id: ImportId) -> Result<Option<Vec<u8>>, StoreError> {
        let query = Entity::find()
            .filter(Column::ImportId.eq(id.uuid()))
            .order_by_asc(Column::N);
        let pieces = query.all(&self.db()).await.map_err(store_error)?;
        if pieces.is_empty() {
            return Ok(None);
        }
        let mut file = Vec::with_capacity(pieces.iter().map(|piece| piece.content.len()).sum());
        for piece in pieces {
            file.extend(self.open_bytes(cell(id), &piece.content)?);
        }
        Ok(Some(file))
    }

    pub(super) async fn remove_pieces(&self, id: ImportId) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(Column::ImportId.eq(id.uuid()));
        delete.exec(&self.db()).await.map_err(store_error)?;
        Ok(())
    }
}

const fn cell(import: ImportId) -> Cell {
    Cell {
        table: "import_file_pieces",
        column: "content",
        row: import.uuid(),
    }
}
