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
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::entity::notice::{Column, Entity, Model};
use crate::sql::db::{
    bulk::{Cells, Rows},
    error::store_error,
    rows::took_effect,
    store::SqlTx,
};

#[async_trait]
impl NoticeRepository for SqlTx {
    async fn deliver(&mut self, notices: &[Notice]) -> Result<u64, StoreError> {
        let rows = Rows::default()
            .uuids("id", notices.iter().map(|notice| notice.id.uuid()))
            .uuids(
                "recipient_id",
                notices.iter().map(|notice| notice.recipient.uuid()),
            )
            .texts("topic", notices.iter().map(|notice| notice.topic.clone()))
            .texts("title", notices.iter().map(|notice| notice.title.clone()))
            .texts("body", notices.iter().map(|notice| notice.body.clone()))
            .with(
                "subject",
                Cells::MaybeTexts(
                    notices
                        .iter()
                        .map(|notice| notice.subject.clone())
                        .collect(),
                ),
            )
            .with(
                "created_at",
                Cells::Times(notices.iter().map(|notice| notice.created_at).collect()),
            );
        let sql = "INSERT INTO notices (id, recipient_id, topic, title, body, subject, created_at) \
                   SELECT id, recipient_id, topic, title, body, subject, created_at FROM {rows} WHERE true \
                   ON CONFLICT (id) DO NOTHING";
        self.run_rows(sql, [], rows).await
    }

    async fn list_of(
        &mut self,
        recipient: AccountId,
        page: PageRequest,
    ) -> Result<Page<Notice>, StoreError> {
        let query = Entity::find().filter(Column::RecipientId.eq(recipient.uuid()));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        Ok(rows.map(notice))
    }

    async fn find_of(
        &mut self,
        recipient: AccountId,
        id: NoticeId,
    ) -> Result<Option<Notice>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(Column::RecipientId.eq(recipient.uuid()));
        Ok(query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(notice))
    }

    async fn mark_read(
        &mut self,
        recipient: AccountId,
        id: NoticeId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::ReadAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::RecipientId.eq(recipient.uuid()))
            .filter(Column::ReadAt.is_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    /// An id sorts by when its notice came to be: the primary key is walked from its old end.
    async fn forget_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM notices WHERE id IN (\
                   SELECT id FROM notices WHERE id < $1 ORDER BY id LIMIT {limit})";
        let first_kept = NoticeId::earliest_at(instant).uuid();
        self.remove(sql, [first_kept.into()], limit).await
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
