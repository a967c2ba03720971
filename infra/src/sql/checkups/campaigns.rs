//! Campaigns, sessions and seats. One conditional update takes a seat (B1).

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    checkups::{
        ports::{CampaignRepository, SessionFilter},
        sessions::{campaign::Campaign, session::CheckupSession, slot::Slot},
    },
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{CampaignId, CheckupSessionId, SlotId},
    },
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement,
    Value,
    sea_query::{Expr, ExprTrait},
};

use super::{
    entity::{checkup_campaign, checkup_session, checkup_slot},
    rows::{campaign, covered, session, slot},
};
use crate::sql::db::{error::store_error, rows::took_effect, store::SqlTx};

#[async_trait]
impl CampaignRepository for SqlTx {
    async fn add_campaign(&mut self, campaign: &Campaign) -> Result<(), StoreError> {
        let row = checkup_campaign::ActiveModel {
            id: Set(campaign.id.uuid()),
            name: Set(campaign.name.clone()),
            district: Set(campaign.district.to_string()),
            first_day: Set(campaign.from),
            last_day: Set(campaign.to),
            created_at: Set(campaign.created_at),
        };
        checkup_campaign::Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find_campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let row = checkup_campaign::Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(campaign).transpose()
    }

    async fn list_campaigns(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<Campaign>, StoreError> {
        let column = checkup_campaign::Column::District;
        let query = checkup_campaign::Entity::find().filter(covered(&[*area], column));
        let rows = self
            .page(query, checkup_campaign::Column::Id, page, |row| row.id)
            .await?;
        let items = rows
            .items
            .into_iter()
            .map(campaign)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }

    async fn add_session(
        &mut self,
        session: &CheckupSession,
        slots: &[Slot],
    ) -> Result<(), StoreError> {
        let packages = serde_json::to_value(&session.packages)
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        let row = checkup_session::ActiveModel {
            id: Set(session.id.uuid()),
            campaign_id: Set(session.campaign_id.uuid()),
            district: Set(session.district.to_string()),
            place: Set(session.place.clone()),
            lng: Set(session.location.lng()),
            lat: Set(session.location.lat()),
            held_on: Set(session.date),
            vehicle: Set(session.vehicle.clone()),
            packages: Set(packages),
            created_at: Set(session.created_at),
        };
        checkup_session::Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        let slots = slots.iter().map(slot_row);
        checkup_slot::Entity::insert_many(slots)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find_session(
        &mut self,
        id: CheckupSessionId,
    ) -> Result<Option<CheckupSession>, StoreError> {
        let row = checkup_session::Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(session).transpose()
    }

    async fn find_session_within(
        &mut self,
        id: CheckupSessionId,
        areas: &[Jurisdiction],
    ) -> Result<Option<CheckupSession>, StoreError> {
        let query = checkup_session::Entity::find_by_id(id.uuid());
        let query = query.filter(covered(areas, checkup_session::Column::District));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(session)
            .transpose()
    }

    async fn list_sessions(
        &mut self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<CheckupSession>, StoreError> {
        let (sql, values) = listing(filter, page);
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let sessions = rows
            .iter()
            .map(|row| {
                session(checkup_session::Model::from_query_result(row, "").map_err(store_error)?)
            })
            .collect::<Result<_, _>>()?;
        Ok(Page::cut(sessions, page, |session: &CheckupSession| {
            session.id.uuid()
        }))
    }

    async fn find_slot(&mut self, id: SlotId) -> Result<Option<Slot>, StoreError> {
        let row = checkup_slot::Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(slot).transpose()
    }

    async fn slots_of(&mut self, sessions: &[CheckupSessionId]) -> Result<Vec<Slot>, StoreError> {
        let query = checkup_slot::Entity::find()
            .filter(checkup_slot::Column::SessionId.is_in(sessions.iter().map(|id| id.uuid())))
            .order_by_asc(checkup_slot::Column::StartsAt)
            .order_by_asc(checkup_slot::Column::Id);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(slot)
            .collect()
    }

    async fn take_seat(&mut self, slot: SlotId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        use checkup_slot::{Column, Entity};
        let update = Entity::update_many()
            .col_expr(Column::Booked, Expr::col(Column::Booked).add(1))
            .filter(Column::Id.eq(slot.uuid()))
            .filter(Expr::col(Column::Booked).lt(Expr::col(Column::Capacity)))
            .filter(Column::EndsAt.gt(now));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn free_seat(&mut self, slot: SlotId) -> Result<bool, StoreError> {
        use checkup_slot::{Column, Entity};
        let update = Entity::update_many()
            .col_expr(Column::Booked, Expr::col(Column::Booked).sub(1))
            .filter(Column::Id.eq(slot.uuid()))
            .filter(Column::Booked.gt(0));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }
}

fn slot_row(slot: &Slot) -> checkup_slot::ActiveModel {
    // Both are at most 1,000.
    let seats = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    checkup_slot::ActiveModel {
        id: Set(slot.id.uuid()),
        session_id: Set(slot.session_id.uuid()),
        starts_at: Set(slot.starts_at),
        ends_at: Set(slot.ends_at),
        capacity: Set(seats(slot.capacity)),
        booked: Set(seats(slot.booked)),
    }
}

/// Soonest first, or nearest first and then soonest. The cursor is an id; its row tells where the
/// next page starts.
///
/// Distance is compared, not shown: on a flat map whose degrees of longitude are shortened by the
/// latitude's cosine.
fn listing(filter: &SessionFilter, page: PageRequest) -> (String, Vec<Value>) {
    let district = filter.district.map(|district| district.text_bounds());
    let (first, last) = district.unwrap_or_else(|| ("000000".to_owned(), "999999".to_owned()));
    let mut values: Vec<Value> = vec![
        first.into(),
        last.into(),
        filter.from.into(),
        last_day(filter).into(),
    ];
    let mut place = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let order = match filter.near {
        None => "s.held_on, s.id".to_owned(),
        Some(near) => {
            let (lng, lat) = (place(near.lng().into()), place(near.lat().into()));
            let shrink = place(near.lat().to_radians().cos().powi(2).into());
            let squared = format!(
                "(s.lng - {lng}) * (s.lng - {lng}) * {shrink} + (s.lat - {lat}) * (s.lat - {lat})"
            );
            format!("{squared}, s.held_on, s.id")
        }
    };
    let behind = page.after.map(|after| {
        let cursor = place(after.into());
        format!("AND ({order}) > (SELECT {order} FROM checkup_sessions s WHERE s.id = {cursor})")
    });
    let sql = format!(
        "SELECT s.* FROM checkup_sessions s \
         WHERE s.district BETWEEN $1 AND $2 AND s.held_on BETWEEN $3 AND $4 {} ORDER BY {order} LIMIT {}",
        behind.unwrap_or_default(),
        page.limit + 1
    );
    (sql, values)
}

fn last_day(filter: &SessionFilter) -> NaiveDate {
    filter
        .to
        .or_else(|| NaiveDate::from_ymd_opt(9999, 12, 31))
        .unwrap_or(NaiveDate::MAX)
}
