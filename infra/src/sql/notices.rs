//! Inboxes. The recipient is part of every query.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, NoticeId},
    },
    notices::{Notice, ports::NoticeRepository},
    store::StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{
    entity::notice::{ActiveModel, Column, Entity, Model},
    error::store_error,
    rows::took_effect,
    store::SqlTx,
};

#[async_trait]
impl NoticeRepository for SqlTx {
    async fn deliver(&mut self, notice: &Notice) -> Result<bool, StoreError> {
        let row = ActiveModel {
            id: Set(notice.id.uuid()),
            recipient_id: Set(notice.recipient.uuid()),
            topic: Set(notice.topic.clone()),
            title: Set(notice.title.clone()),
            body: Set(notice.body.clone()),
            subject: Set(notice.subject.clone()),
            created_at: Set(notice.created_at),
            read_at: Set(notice.read_at),
        };
        let keep_first = OnConflict::column(Column::Id).do_nothing().to_owned();
        let inserted = Entity::insert(row).on_conflict(keep_first).exec_without_returning(&self.db()).await;
        Ok(inserted.map_err(store_error)? > 0)
    }

    async fn list_of(&mut self, recipient: AccountId, page: PageRequest) -> Result<Page<Notice>, StoreError> {
        let query = Entity::find().filter(Column::RecipientId.eq(recipient.uuid()));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        Ok(rows.map(notice))
    }

    async fn find_of(&mut self, recipient: AccountId, id: NoticeId) -> Result<Option<Notice>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(Column::RecipientId.eq(recipient.uuid()));
        Ok(query.one(&self.db()).await.map_err(store_error)?.map(notice))
    }

    async fn mark_read(&mut self, recipient: AccountId, id: NoticeId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::ReadAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::RecipientId.eq(recipient.uuid()))
            .filter(Column::ReadAt.is_null());
        Ok(took_effect(update.exec(&self.db()).await.map_err(store_error)?))
    }
}

fn notice(row: Model) -> Notice {
    Notice {
        id: NoticeId::from_uuid(row.id),
        recipient: AccountId::from_uuid(row.recipient_id),
        topic: row.topic,
        title: row.title,
        body: row.body,
        subject: row.subject,
        created_at: row.created_at,
        read_at: row.read_at,
    }
}
