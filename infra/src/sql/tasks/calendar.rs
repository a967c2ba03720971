//! The holiday calendar. Days are `YYYY-MM-DD`, so that text sorts.

use async_trait::async_trait;
use chrono::NaiveDate;
use niangjia_domain::{
    store::StoreError,
    tasks::{Calendar, CalendarDay, DayKind, ports::CalendarRepository},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::entity::calendar_day::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{error::store_error, rows::corrupt, store::SqlTx};

/// Days in one statement.
const AT_ONCE: usize = 500;

#[async_trait]
impl CalendarRepository for SqlTx {
    async fn between(&mut self, from: NaiveDate, to: NaiveDate) -> Result<Calendar, StoreError> {
        let days = Entity::find()
            .filter(Column::Day.between(from.to_string(), to.to_string()))
            .all(&self.db())
            .await
            .map_err(store_error)?;
        days.into_iter().map(named).collect()
    }

    async fn set(&mut self, days: &[CalendarDay]) -> Result<u64, StoreError> {
        let mut written = 0;
        for some in days.chunks(AT_ONCE) {
            let overwrite = OnConflict::column(Column::Day)
                .update_columns([Column::Kind, Column::Name])
                .to_owned();
            let insert = Entity::insert_many(some.iter().map(row)).on_conflict(overwrite);
            let rows = insert.exec_without_returning(&self.db()).await;
            written += rows.map_err(store_error)?;
        }
        Ok(written)
    }
}

fn row(day: &CalendarDay) -> ActiveModel {
    ActiveModel {
        day: Set(day.date.to_string()),
        kind: Set(day.kind.as_str().to_owned()),
        name: Set(day.name.clone()),
    }
}

fn named(row: Model) -> Result<(NaiveDate, DayKind), StoreError> {
    let lost = || corrupt("calendar_days", &row.day);
    let date = row.day.parse().map_err(|_| lost())?;
    Ok((date, DayKind::parse(&row.kind).ok_or_else(lost)?))
}
