//! Slots. One conditional update takes a seat (B1).

use chrono::{DateTime, Utc};
use niangjia_domain::{
    checkups::sessions::slot::Slot,
    kernel::id::{CheckupSessionId, SlotId},
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};

use super::{
    entity::slot::{ActiveModel, Column, Entity},
    rows::slot as read_slot,
};
use crate::sql::db::{error::store_error, rows::took_effect, store::SqlTx};

impl SqlTx {
    pub(crate) async fn insert_session_slots(&self, slots: &[Slot]) -> Result<(), StoreError> {
        Entity::insert_many(slots.iter().map(row))
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    pub(crate) async fn slot_by_id(&self, id: SlotId) -> Result<Option<Slot>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(read_slot).transpose()
    }

    /// The earliest first.
    pub(crate) async fn slots_in(
        &self,
        sessions: &[CheckupSessionId],
    ) -> Result<Vec<Slot>, StoreError> {
        let query = Entity::find()
            .filter(Column::SessionId.is_in(sessions.iter().map(|id| id.uuid())))
            .order_by_asc(Column::StartsAt)
            .order_by_asc(Column::Id);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(read_slot)
            .collect()
    }

    pub(crate) async fn count_seat(
        &self,
        slot: SlotId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::Booked, Expr::col(Column::Booked).add(1))
            .filter(Column::Id.eq(slot.uuid()))
            .filter(Expr::col(Column::Booked).lt(Expr::col(Column::Capacity)))
            .filter(Column::EndsAt.gt(now));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    pub(crate) async fn count_seat_back(&self, slot: SlotId) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::Booked, Expr::col(Column::Booked).sub(1))
            .filter(Column::Id.eq(slot.uuid()))
            .filter(Column::Booked.gt(0));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }
}

fn row(slot: &Slot) -> ActiveModel {
    // Both are at most 1,000.
    let seats = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    ActiveModel {
        id: Set(slot.id.uuid()),
        session_id: Set(slot.session_id.uuid()),
        starts_at: Set(slot.starts_at),
        ends_at: Set(slot.ends_at),
        capacity: Set(seats(slot.capacity)),
        booked: Set(seats(slot.booked)),
    }
}
