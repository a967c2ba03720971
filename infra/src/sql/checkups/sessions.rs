//! Sessions, found by their campaign's area and listed by day or by distance.

use chrono::NaiveDate;
use niangjia_domain::{
    checkups::{ports::SessionFilter, sessions::session::CheckupSession},
    kernel::{Page, PageRequest, id::CheckupSessionId},
    store::StoreError,
};
use sea_orm::{ActiveValue::Set, Condition, EntityTrait, QueryFilter, Value};

use super::{
    entity::session::{ActiveModel, Entity, Model},
    rows::session,
};
use crate::sql::db::{bulk::models, error::store_error, store::SqlTx};

impl SqlTx {
    pub(crate) async fn insert_session(&self, session: &CheckupSession) -> Result<(), StoreError> {
        let packages = serde_json::to_value(&session.packages)
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        let row = ActiveModel {
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
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    pub(crate) async fn session_where(
        &self,
        id: CheckupSessionId,
        scope: Condition,
    ) -> Result<Option<CheckupSession>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(scope);
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(session)
            .transpose()
    }

    pub(crate) async fn sessions_page(
        &self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<CheckupSession>, StoreError> {
        let (sql, values) = listing(filter, page);
        let rows: Vec<Model> = models(&self.rows(&sql, values).await?)?;
        let sessions = rows.into_iter().map(session).collect::<Result<_, _>>()?;
        Ok(Page::cut(sessions, page, |session: &CheckupSession| {
            session.id.uuid()
        }))
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
