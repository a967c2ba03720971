//! Expected members. A conditional update uses a row up.

use std::collections::{BTreeMap, HashSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    imports::RowOutcome,
    kernel::{
        Phone,
        id::{MembershipId, RosterRowId, UnionId},
    },
    membership::{occupation::Occupation, ports::RosterRepository, rosters::roster_row::RosterRow},
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, sea_query::Expr,
};
use uuid::Uuid;

use super::entity::roster_row::{Column, Entity, Model};
use crate::{
    crypto::field_cipher::Cell,
    sql::db::{
        bulk::{self, Cells, Rows},
        error::store_error,
        rows::{corrupt, took_effect},
        store::SqlTx,
    },
};

const TABLE: &str = "roster_rows";

#[async_trait]
impl RosterRepository for SqlTx {
    async fn enlist(
        &mut self,
        rows: &[RosterRow],
        now: DateTime<Utc>,
    ) -> Result<Vec<RowOutcome>, StoreError> {
        let added = self.insert_new(rows, now).await?;
        let known: Vec<&RosterRow> = rows
            .iter()
            .filter(|row| !added.contains(&row.id.uuid()))
            .collect();
        let mut updated = self.renew(&known, now).await?.into_iter();
        let outcomes = rows.iter().map(|row| {
            if added.contains(&row.id.uuid()) {
                RowOutcome::Added
            } else if updated.next().unwrap_or(false) {
                RowOutcome::Updated
            } else {
                RowOutcome::Unchanged
            }
        });
        Ok(outcomes.collect())
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
    /// Ids of the rows that nobody listed before.
    async fn insert_new(
        &self,
        rows: &[RosterRow],
        now: DateTime<Utc>,
    ) -> Result<HashSet<Uuid>, StoreError> {
        let (mut phones, mut names, mut numbers) = (vec![], vec![], vec![]);
        for row in rows {
            let id = row.id.uuid();
            phones.push(self.seal(cell("phone", id), row.phone.expose())?);
            names.push(self.seal(cell("name", id), &row.name)?);
            numbers.push(self.seal(cell("id_number", id), row.id_number.expose())?);
        }
        let table = self
            .keys(rows)
            .uuids("id", rows.iter().map(|row| row.id.uuid()))
            .with("phone", Cells::Bytes(phones))
            .with("name", Cells::Bytes(names))
            .with("id_number", Cells::Bytes(numbers))
            .texts(
                "occupation",
                rows.iter().map(|row| row.occupation.code().to_owned()),
            );
        let sql = "INSERT INTO roster_rows (id, union_id, phone, phone_index, name, id_number, \
                     id_number_index, occupation, imported_at) \
                   SELECT id, union_id, phone, phone_index, name, id_number, \
                     id_number_index, occupation, $1 FROM {rows} WHERE TRUE ORDER BY ordinal \
                   ON CONFLICT (union_id, phone_index, id_number_index) DO NOTHING RETURNING id";
        let inserted = self.query_rows(sql, [now.into()], table).await?;
        inserted.iter().map(|row| bulk::cell(row, "id")).collect()
    }

    /// Rows listed before: whether each says something new. Those that are not used up take it over
    /// and are fresh again.
    async fn renew(
        &self,
        rows: &[&RosterRow],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        let sql = "SELECT t.ordinal, r.* FROM {rows} JOIN roster_rows r ON r.union_id = t.union_id \
                     AND r.phone_index = t.phone_index AND r.id_number_index = t.id_number_index \
                   WHERE r.membership_id IS NULL";
        let table = self.keys(rows.iter().copied());
        let (mut changed, mut fresh, mut mended) =
            (vec![false; rows.len()], vec![], BTreeMap::new());
        for found in self.query_rows(sql, [], table).await? {
            let stored = Model::from_query_result(&found, "").map_err(store_error)?;
            let place = bulk::place(self.backend(), &found)?;
            let Some(row) = rows.get(place) else { continue };
            fresh.push(stored.id);
            let name = self.open(cell("name", stored.id), &stored.name)?;
            if (name.as_str(), stored.occupation.as_str())
                != (row.name.as_str(), row.occupation.code())
            {
                changed[place] = true;
                let name = self.seal(cell("name", stored.id), &row.name)?;
                // The last of several lines about the same person stands.
                mended.insert(stored.id, (name, row.occupation));
            }
        }
        let table = Rows::default()
            .uuids("id", mended.keys().copied())
            .with(
                "name",
                Cells::Bytes(mended.values().map(|(name, _)| name.clone()).collect()),
            )
            .texts(
                "occupation",
                mended.values().map(|(_, one)| one.code().to_owned()),
            );
        let sql = "UPDATE roster_rows SET name = t.name, occupation = t.occupation FROM {rows} \
                   WHERE roster_rows.id = t.id AND membership_id IS NULL";
        self.run_rows(sql, [], table).await?;
        let sql = "UPDATE roster_rows SET imported_at = $1 \
                   WHERE membership_id IS NULL AND id IN (SELECT id FROM {rows})";
        let table = Rows::default().uuids("id", fresh);
        self.run_rows(sql, [now.into()], table).await?;
        Ok(changed)
    }

    /// What a row is known by.
    fn keys<'a>(&self, rows: impl IntoIterator<Item = &'a RosterRow> + Clone) -> Rows {
        let each = || rows.clone().into_iter();
        Rows::default()
            .uuids("union_id", each().map(|row| row.union_id.uuid()))
            .with(
                "phone_index",
                Cells::Bytes(each().map(|row| self.phone_index(&row.phone)).collect()),
            )
            .with(
                "id_number_index",
                Cells::Bytes(
                    each()
                        .map(|row| self.id_number_index(&row.id_number))
                        .collect(),
                ),
            )
    }

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
