//! Wishes. Every write is one conditional statement that says whether it took effect.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{AccountId, PersonId, StationId, WishClaimId, WishId},
    },
    store::StoreError,
    wishes::{
        claims::wish_claim::Donor,
        moderation::wish_report::WishReport,
        ports::{QueueFilter, WallFilter, WishRepository},
        wish::Wish,
    },
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    Statement,
    sea_query::{Expr, OnConflict},
};

use super::{
    entity::wish::{Column, Entity, Model},
    row, state,
};
use crate::sql::db::{area::inside, error::store_error, rows::took_effect, store::SqlTx};

/// The predicate of the index `wishes_one_live`, word for word.
const LIVE: &str =
    "status IN ('checking', 'reviewing', 'published', 'claimed', 'in_transit', 'at_station')";

/// W1 in one statement. `$4` is null for donors without a verified person.
const TAKE: &str = "UPDATE wishes SET status = 'claimed', claim_id = $1, version = version + 1 \
     WHERE id = $2 AND status = 'published' AND account_id <> $3 AND ($4 IS NULL OR person_id <> $4) RETURNING *";

#[async_trait]
impl WishRepository for SqlTx {
    async fn insert(&mut self, wish: &Wish) -> Result<bool, StoreError> {
        let one_live = OnConflict::column(Column::PersonId)
            .target_and_where(Expr::cust(LIVE))
            .do_nothing()
            .to_owned();
        let insert = Entity::insert(row::new(wish, &self.cipher)?).on_conflict(one_live);
        Ok(insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?
            > 0)
    }

    async fn find(&mut self, id: WishId) -> Result<Option<Wish>, StoreError> {
        self.one_wish(id, Condition::all()).await
    }

    async fn find_many(&mut self, ids: &[WishId]) -> Result<Vec<Wish>, StoreError> {
        let query = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        self.wishes_of(query.all(&self.db()).await.map_err(store_error)?)
    }

    async fn find_of(&mut self, id: WishId, owner: AccountId) -> Result<Option<Wish>, StoreError> {
        self.one_wish(id, Condition::all().add(Column::AccountId.eq(owner.uuid())))
            .await
    }

    async fn find_within(
        &mut self,
        id: WishId,
        area: &Jurisdiction,
    ) -> Result<Option<Wish>, StoreError> {
        self.one_wish(id, inside(Column::District, area)).await
    }

    async fn find_at(
        &mut self,
        id: WishId,
        stations: &[StationId],
    ) -> Result<Option<Wish>, StoreError> {
        let stations = stations.iter().map(|id| id.uuid());
        self.one_wish(id, Condition::all().add(Column::StationId.is_in(stations)))
            .await
    }

    async fn save(&mut self, wish: &Wish) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .set(state::columns(wish, &self.cipher)?)
            .filter(Column::Id.eq(wish.id.uuid()))
            .filter(Column::Version.eq(wish.version));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn take(
        &mut self,
        id: WishId,
        claim: WishClaimId,
        donor: &Donor,
    ) -> Result<Option<Wish>, StoreError> {
        let values = [
            claim.uuid().into(),
            id.uuid().into(),
            donor.account_id.uuid().into(),
            donor.person_id.map(|person| person.uuid()).into(),
        ];
        let statement = Statement::from_sql_and_values(self.backend(), TAKE, values);
        let taken = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        let model = taken
            .map(|taken| Model::from_query_result(&taken, ""))
            .transpose()
            .map_err(store_error)?;
        model
            .map(|model| row::wish(model, &self.cipher))
            .transpose()
    }

    async fn has_live(&mut self, person: PersonId) -> Result<bool, StoreError> {
        let query = Entity::find()
            .filter(Column::PersonId.eq(person.uuid()))
            .filter(Expr::cust(LIVE));
        Ok(query.one(&self.db()).await.map_err(store_error)?.is_some())
    }

    async fn last_handover(
        &mut self,
        person: PersonId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let query = Entity::find()
            .filter(Column::PersonId.eq(person.uuid()))
            .filter(Column::HandedOverAt.is_not_null())
            .order_by_desc(Column::HandedOverAt);
        Ok(query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .and_then(|row| row.handed_over_at))
    }

    async fn list_wall(
        &mut self,
        filter: &WallFilter,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError> {
        self.wall_page(filter, page).await
    }

    async fn list_own(
        &mut self,
        owner: AccountId,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError> {
        self.own_page(owner, page).await
    }

    async fn list_queue(
        &mut self,
        area: &Jurisdiction,
        filter: &QueueFilter,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError> {
        self.queue_page(area, filter, page).await
    }

    async fn list_unchecked(&mut self, limit: u64) -> Result<Vec<Wish>, StoreError> {
        self.unchecked(limit).await
    }

    async fn insert_report(&mut self, report: &WishReport) -> Result<bool, StoreError> {
        self.report_once(report).await
    }

    async fn count_reports(&mut self, ids: &[WishId]) -> Result<HashMap<WishId, u64>, StoreError> {
        self.reports_of(ids).await
    }
}

impl SqlTx {
    async fn one_wish(&self, id: WishId, scope: Condition) -> Result<Option<Wish>, StoreError> {
        let found = Entity::find_by_id(id.uuid())
            .filter(scope)
            .one(&self.db())
            .await
            .map_err(store_error)?;
        found
            .map(|model| row::wish(model, &self.cipher))
            .transpose()
    }
}
