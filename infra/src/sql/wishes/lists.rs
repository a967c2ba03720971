//! Lists of wishes: the wall, a person's own, the queue of reviewers, and what waits to be checked.

use niangjia_domain::{
    kernel::{Jurisdiction, Page, PageRequest, id::AccountId},
    store::StoreError,
    wishes::{
        ports::{QueueFilter, WallFilter},
        wish::{Wish, status::WishStatus},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::{
    entity::wish::{Column, Entity, Model},
    row,
};
use crate::sql::db::{area::inside, error::store_error, store::SqlTx};

impl SqlTx {
    pub(crate) async fn wall_page(
        &self,
        filter: &WallFilter,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError> {
        let query = Entity::find()
            .filter(Column::Status.eq(filter.status.code()))
            .apply_if(filter.district, |query, district| {
                query.filter(inside(Column::District, &Jurisdiction::District(district)))
            })
            .apply_if(filter.category.as_deref(), |query, category| {
                query.filter(Column::Category.eq(category))
            });
        self.wish_page(query, page).await
    }

    pub(crate) async fn own_page(
        &self,
        owner: AccountId,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError> {
        self.wish_page(
            Entity::find().filter(Column::AccountId.eq(owner.uuid())),
            page,
        )
        .await
    }

    pub(crate) async fn queue_page(
        &self,
        area: &Jurisdiction,
        filter: &QueueFilter,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError> {
        let query = Entity::find()
            .filter(inside(Column::District, area))
            .apply_if(filter.status, |query, status| {
                query.filter(Column::Status.eq(status.code()))
            })
            .apply_if(filter.due_before, |query, instant| {
                query.filter(Column::ReviewDueAt.lt(instant))
            });
        self.wish_page(query, page).await
    }

    pub(crate) async fn unchecked(&self, limit: u64) -> Result<Vec<Wish>, StoreError> {
        let query = Entity::find()
            .filter(Column::Status.eq(WishStatus::Checking.code()))
            .order_by_asc(Column::Id)
            .limit(limit);
        self.wishes_of(query.all(&self.db()).await.map_err(store_error)?)
    }

    async fn wish_page(
        &self,
        query: sea_orm::Select<Entity>,
        page: PageRequest,
    ) -> Result<Page<Wish>, StoreError> {
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        Ok(Page {
            next: rows.next,
            items: self.wishes_of(rows.items)?,
        })
    }

    pub(crate) fn wishes_of(&self, rows: Vec<Model>) -> Result<Vec<Wish>, StoreError> {
        rows.into_iter()
            .map(|model| row::wish(model, &self.cipher))
            .collect()
    }
}
