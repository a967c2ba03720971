//! Persons. The unique blind index of the ID number decides who is one.

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{IdNumber, Jurisdiction, id::PersonId},
    membership::{
        persons::person::{Person, masked_name},
        ports::PersonRepository,
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryResult,
    sea_query::{Expr, OnConflict, Query},
};
use uuid::Uuid;

use super::{
    entity::{
        membership,
        person::{ActiveModel, Column, Entity, Model},
    },
    unions::in_area,
};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{
        bulk::{self, Rows},
        error::store_error,
        store::SqlTx,
    },
};

#[async_trait]
impl PersonRepository for SqlTx {
    async fn add(&mut self, person: &Person) -> Result<bool, StoreError> {
        let id = person.id.uuid();
        let row = ActiveModel {
            id: Set(id),
            name: Set(self.seal(cell("name", id), &person.name)?),
            id_number: Set(self.seal(cell("id_number", id), person.id_number.expose())?),
            id_number_index: Set(self.id_number_index(&person.id_number)),
            created_at: Set(person.created_at),
        };
        let keep_first = OnConflict::column(Column::IdNumberIndex)
            .do_nothing()
            .to_owned();
        let inserted = Entity::insert(row)
            .on_conflict(keep_first)
            .exec_without_returning(&self.db())
            .await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn find(&mut self, id: PersonId) -> Result<Option<Person>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(|row| self.person(row)).transpose()
    }

    async fn masked_names(
        &mut self,
        ids: &[PersonId],
    ) -> Result<Vec<(PersonId, String)>, StoreError> {
        let sql = "SELECT id, name FROM persons WHERE id IN (SELECT id FROM {rows})";
        let rows = self
            .query_rows(
                sql,
                [],
                Rows::default().uuids("id", ids.iter().map(|id| id.uuid())),
            )
            .await?;
        let masked = |row: &QueryResult| {
            let id = bulk::cell(row, "id")?;
            let name = self.open(cell("name", id), &bulk::cell::<Vec<u8>>(row, "name")?)?;
            Ok((PersonId::from_uuid(id), masked_name(&name)))
        };
        rows.iter().map(masked).collect()
    }

    async fn find_by_id_number(
        &mut self,
        id_number: &IdNumber,
    ) -> Result<Option<Person>, StoreError> {
        let query =
            Entity::find().filter(Column::IdNumberIndex.eq(self.id_number_index(id_number)));
        let row = query.one(&self.db()).await.map_err(store_error)?;
        row.map(|row| self.person(row)).transpose()
    }

    async fn find_within(
        &mut self,
        id: PersonId,
        area: &Jurisdiction,
    ) -> Result<Option<Person>, StoreError> {
        let here = Query::select()
            .column(membership::Column::PersonId)
            .from(membership::Entity)
            .cond_where(in_area(membership::Column::UnionId, area))
            .to_owned();
        let query = Entity::find_by_id(id.uuid()).filter(Column::Id.in_subquery(here));
        let row = query.one(&self.db()).await.map_err(store_error)?;
        row.map(|row| self.person(row)).transpose()
    }

    async fn rename(&mut self, id: PersonId, name: &str) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(
                Column::Name,
                Expr::value(self.seal(cell("name", id.uuid()), name)?),
            )
            .filter(Column::Id.eq(id.uuid()))
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

impl SqlTx {
    pub(crate) async fn persons_among(&self, ids: Vec<Uuid>) -> Result<Vec<Person>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Id.is_in(ids))
            .all(&self.db())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(|row| self.person(row)).collect()
    }

    fn person(&self, row: Model) -> Result<Person, StoreError> {
        Ok(Person {
            id: PersonId::from_uuid(row.id),
            name: self.open(cell("name", row.id), &row.name)?,
            id_number: self.open_id_number(cell("id_number", row.id), &row.id_number)?,
            created_at: row.created_at,
        })
    }
}

const fn cell(column: &'static str, row: Uuid) -> Cell {
    Cell {
        table: "persons",
        column,
        row,
    }
}
