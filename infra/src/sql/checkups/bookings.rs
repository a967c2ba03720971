//! Bookings. Partial unique indexes decide B2; every change of state is a compare-and-set.

use std::collections::HashMap;

use async_trait::async_trait;
use niangjia_domain::{
    checkups::{
        BookingView, Counts, SlotAttendance,
        bookings::booking::{Booking, BookingStatus},
        ports::{BookingRepository, Completion},
    },
    kernel::{
        Id, Jurisdiction, Page, PageRequest,
        id::{BookingId, CheckupSessionId, PersonId},
    },
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait, Statement,
    sea_query::{Expr, OnConflict},
};

use super::{
    entity::{
        self,
        booking::{Column, Entity, Model},
    },
    rows::{booking, booking_row, covered, session, slot, state_columns},
};
use crate::sql::db::{
    error::store_error,
    rows::{corrupt, parsed, took_effect},
    store::SqlTx,
};

#[async_trait]
impl BookingRepository for SqlTx {
    async fn add(&mut self, booking: &Booking) -> Result<bool, StoreError> {
        // The predicate in words, as the index has it: bound values would not match it.
        let keep_first = OnConflict::columns([Column::PersonId, Column::CampaignId])
            .target_and_where(Expr::cust("state IN ('booked', 'checked_in')"))
            .do_nothing()
            .to_owned();
        let insert = Entity::insert(booking_row(booking)).on_conflict(keep_first);
        Ok(insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?
            > 0)
    }

    async fn find(&mut self, id: BookingId) -> Result<Option<Booking>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(booking).transpose()
    }

    async fn find_of(
        &mut self,
        person: PersonId,
        id: BookingId,
    ) -> Result<Option<Booking>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(Column::PersonId.eq(person.uuid()));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(booking)
            .transpose()
    }

    async fn find_within(
        &mut self,
        id: BookingId,
        areas: &[Jurisdiction],
    ) -> Result<Option<Booking>, StoreError> {
        let sessions = entity::session::Entity::find()
            .select_only()
            .column(entity::session::Column::Id)
            .filter(covered(areas, entity::session::Column::District))
            .into_query();
        let query = Entity::find_by_id(id.uuid()).filter(Column::SessionId.in_subquery(sessions));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(booking)
            .transpose()
    }

    async fn list_of(
        &mut self,
        person: PersonId,
        page: PageRequest,
    ) -> Result<Page<BookingView>, StoreError> {
        let query = Entity::find().filter(Column::PersonId.eq(person.uuid()));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        Ok(Page {
            items: self.views(rows.items).await?,
            next: rows.next,
        })
    }

    async fn has_completed(&mut self, person: PersonId, year: i32) -> Result<bool, StoreError> {
        let query = Entity::find()
            .filter(Column::PersonId.eq(person.uuid()))
            .filter(Column::EligibilityYear.eq(year))
            .filter(Column::State.eq(BookingStatus::Completed.code()));
        Ok(query.count(&self.db()).await.map_err(store_error)? > 0)
    }

    async fn save(&mut self, booking: &Booking, from: BookingStatus) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .set(state_columns(booking))
            .filter(Column::Id.eq(booking.id.uuid()))
            .filter(Column::State.eq(from.code()));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn complete(&mut self, booking: &Booking) -> Result<Completion, StoreError> {
        match BookingRepository::save(self, booking, BookingStatus::CheckedIn).await {
            Ok(true) => Ok(Completion::Done),
            Ok(false) => Ok(Completion::StateChanged),
            // The only index that a completion can meet is the one of the year.
            Err(StoreError::Conflict { .. }) => Ok(Completion::YearTaken),
            Err(error) => Err(error),
        }
    }

    async fn attendance(
        &mut self,
        session: CheckupSessionId,
    ) -> Result<Vec<SlotAttendance>, StoreError> {
        let statement =
            Statement::from_sql_and_values(self.backend(), ATTENDANCE, [session.uuid().into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| tally(AttendanceRow::from_query_result(row, "").map_err(store_error)?))
            .collect()
    }
}

impl SqlTx {
    /// Bookings with their slots and sessions, in three statements however many they are.
    async fn views(&self, rows: Vec<Model>) -> Result<Vec<BookingView>, StoreError> {
        let ids = rows.iter().map(|row| row.slot_id);
        let slots = entity::slot::Entity::find().filter(entity::slot::Column::Id.is_in(ids));
        let slots = slots.all(&self.db()).await.map_err(store_error)?;
        let slots: HashMap<_, _> = slots.into_iter().map(|row| (row.id, row)).collect();
        let ids = rows.iter().map(|row| row.session_id);
        let sessions =
            entity::session::Entity::find().filter(entity::session::Column::Id.is_in(ids));
        let sessions = sessions.all(&self.db()).await.map_err(store_error)?;
        let sessions: HashMap<_, _> = sessions.into_iter().map(|row| (row.id, row)).collect();
        rows.into_iter()
            .map(|row| {
                let lost = || corrupt("checkup_bookings", row.id);
                let of_slot = slots.get(&row.slot_id).cloned().ok_or_else(lost)?;
                let of_session = sessions.get(&row.session_id).cloned().ok_or_else(lost)?;
                Ok(BookingView::of(
                    &booking(row)?,
                    &slot(of_slot)?,
                    &session(of_session)?,
                ))
            })
            .collect()
    }
}

const ATTENDANCE: &str = "\
    SELECT s.id, s.starts_at, s.ends_at, s.capacity, \
      COUNT(CASE WHEN b.state = 'booked' THEN 1 END) AS booked, \
      COUNT(CASE WHEN b.state = 'checked_in' THEN 1 END) AS checked_in, \
      COUNT(CASE WHEN b.state = 'completed' THEN 1 END) AS completed, \
      COUNT(CASE WHEN b.state = 'cancelled' THEN 1 END) AS cancelled \
    FROM checkup_slots s LEFT JOIN checkup_bookings b ON b.slot_id = s.id \
    WHERE s.session_id = $1 GROUP BY s.id, s.starts_at, s.ends_at, s.capacity ORDER BY s.starts_at, s.id";

#[derive(FromQueryResult)]
struct AttendanceRow {
    id: uuid::Uuid,
    starts_at: chrono::DateTime<chrono::Utc>,
    ends_at: chrono::DateTime<chrono::Utc>,
    capacity: i32,
    booked: i64,
    checked_in: i64,
    completed: i64,
    cancelled: i64,
}

fn tally(row: AttendanceRow) -> Result<SlotAttendance, StoreError> {
    let count = |count: i64| parsed("checkup_slots", row.id, u32::try_from(count));
    Ok(SlotAttendance {
        slot_id: Id::from_uuid(row.id),
        start: row.starts_at,
        end: row.ends_at,
        capacity: count(i64::from(row.capacity))?,
        counts: Counts {
            booked: count(row.booked)?,
            checked_in: count(row.checked_in)?,
            completed: count(row.completed)?,
            cancelled: count(row.cancelled)?,
        },
    })
}
