//! Expected members. A conditional update uses a row up.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Phone,
        id::{MembershipId, RosterRowId, UnionId},
    },
    membership::{occupation::Occupation, ports::RosterRepository, rosters::roster_row::RosterRow},
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::entity::roster_row::{ActiveModel, Column, Entity, Model};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{
        error::store_error,
        rows::{corrupt, took_effect},
        store::SqlTx,
    },
};

const TABLE: &str = "roster_rows";

#[async_trait]
impl RosterRepository for SqlTx {
    async fn add(&mut self, row: &RosterRow, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let id = row.id.uuid();
        let model = ActiveModel {
            id: Set(id),
            union_id: Set(row.union_id.uuid()),
            phone: Set(self.seal(cell("phone", id), row.phone.expose())?),
            phone_index: Set(self.phone_index(&row.phone)),
            name: Set(self.seal(cell("name", id), &row.name)?),
            id_number: Set(self.seal(cell("id_number", id), row.id_number.expose())?),
            id_number_index: Set(self.id_number_index(&row.id_number)),
            occupation: Set(row.occupation.code().to_owned()),
            imported_at: Set(now),
            membership_id: Set(None),
            consumed_at: Set(None),
        };
        let listed = [Column::UnionId, Column::PhoneIndex, Column::IdNumberIndex];
        let keep_first = OnConflict::columns(listed).do_nothing().to_owned();
        let inserted = Entity::insert(model)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn waiting_for(&mut self, phone: &Phone) -> Result<Option<RosterRow>, StoreError> {
        let query = Entity::find()
            .filter(Column::PhoneIndex.eq(self.phone_index(phone)))
            .filter(Column::MembershipId.is_null())
            .order_by_desc(Column::Id);
        let row = query.one(&self.db()).await.map_err(store_error)?;
        row.map(|row| self.roster_row(row)).transpose()
    }

    async fn consume(
        &mut self,
        id: RosterRowId,
        by: MembershipId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::MembershipId, Expr::value(by.uuid()))
            .col_expr(Column::ConsumedAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::MembershipId.is_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }
}

impl SqlTx {
    fn roster_row(&self, row: Model) -> Result<RosterRow, StoreError> {
        Ok(RosterRow {
            id: RosterRowId::from_uuid(row.id),
            union_id: UnionId::from_uuid(row.union_id),
            phone: self.open_phone(cell("phone", row.id), &row.phone)?,
            name: self.open(cell("name", row.id), &row.name)?,
            id_number: self.open_id_number(cell("id_number", row.id), &row.id_number)?,
            occupation: Occupation::parse(&row.occupation).ok_or_else(|| corrupt(TABLE, row.id))?,
        })
    }
}

const fn cell(column: &'static str, row: Uuid) -> Cell {
    Cell {
        table: TABLE,
        column,
        row,
    }
}
