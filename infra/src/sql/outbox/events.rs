//! Portable job claim: one conditional update takes due rows and hides them for the length of a
//! lease.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Backlog, Page, PageRequest,
        id::{AccountId, OutboxEventId},
    },
    outbox::{DeadLetter, Outbox, OutboxEvent},
    store::StoreError,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, Statement,
    sea_query::{Expr, ExprTrait},
};

use super::entity::outbox_event::{Column, Entity, Model};
use crate::sql::db::{
    bulk::{Cells, Rows},
    error::store_error,
    rows::{corrupt, parsed, took_effect},
    store::SqlTx,
};

/// Longest reason of a failure that is kept.
const REASON_CHARS: usize = 300;

#[async_trait]
impl Outbox for SqlTx {
    async fn append_all(&mut self, events: Vec<OutboxEvent>) -> Result<(), StoreError> {
        let each = || events.iter();
        let parameters = each().map(|event| serde_json::json!(event.parameters));
        let rows = Rows::default()
            .uuids("id", each().map(|event| event.id.uuid()))
            .with(
                "created_at",
                Cells::Times(each().map(|event| event.created_at).collect()),
            )
            .texts("kind", each().map(|event| event.kind.clone()))
            .uuids("recipient_id", each().map(|event| event.recipient.uuid()))
            .texts("template", each().map(|event| event.template.clone()))
            .with("parameters", Cells::Documents(parameters.collect()))
            .with(
                "subject",
                Cells::MaybeTexts(each().map(|event| event.subject.clone()).collect()),
            );
        let sql = "INSERT INTO outbox_events \
                     (id, created_at, kind, recipient_id, template, parameters, subject, attempts, due_at) \
                   SELECT id, created_at, kind, recipient_id, template, parameters, subject, 0, created_at \
                   FROM {rows}";
        self.run_rows(sql, [], rows).await?;
        Ok(())
    }

    async fn take_due(
        &mut self,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: u64,
    ) -> Result<Vec<OutboxEvent>, StoreError> {
        let skip = if self.backend() == DbBackend::Postgres {
            "FOR UPDATE SKIP LOCKED"
        } else {
            ""
        };
        let sql = format!(
            "UPDATE outbox_events SET due_at = $1 WHERE id IN (\
               SELECT id FROM outbox_events WHERE delivered_at IS NULL AND dead_at IS NULL AND due_at <= $2 \
               ORDER BY due_at LIMIT {limit} {skip}) RETURNING *"
        );
        let statement =
            Statement::from_sql_and_values(self.backend(), sql, [(now + lease).into(), now.into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = Model::from_query_result(row, "").map_err(store_error)?;
            let id = OutboxEventId::from_uuid(row.id);
            match event(row) {
                Ok(event) => events.push(event),
                // One that cannot be read must not hold up the others for ever.
                Err(unreadable) => {
                    self.failed(id, None, now, &unreadable.to_string()).await?;
                }
            }
        }
        // RETURNING keeps no order; what happened first is told first.
        events.sort_by_key(|event| (event.created_at, event.id));
        Ok(events)
    }

    async fn delivered(
        &mut self,
        ids: &[OutboxEventId],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE outbox_events SET delivered_at = $1 FROM {rows} WHERE outbox_events.id = t.id";
        self.run_rows(
            sql,
            [now.into()],
            Rows::default().uuids("id", ids.iter().map(|id| id.uuid())),
        )
        .await?;
        Ok(())
    }

    async fn failed(
        &mut self,
        id: OutboxEventId,
        retry_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let reason: String = reason.chars().take(REASON_CHARS).collect();
        let update = Entity::update_many()
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .col_expr(Column::LastFailure, Expr::value(reason))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::DeliveredAt.is_null());
        let update = match retry_at {
            Some(at) => update.col_expr(Column::DueAt, Expr::value(at)),
            None => update.col_expr(Column::DeadAt, Expr::value(now)),
        };
        update.exec(&self.db()).await.map_err(store_error)?;
        Ok(())
    }

    async fn backlog(&mut self) -> Result<Backlog, StoreError> {
        self.backlog_of(
            "SELECT created_at AS at FROM outbox_events \
             WHERE delivered_at IS NULL AND dead_at IS NULL ORDER BY due_at",
        )
        .await
    }

    async fn dead_letters(&mut self) -> Result<u64, StoreError> {
        let dead = Entity::find().filter(Column::DeadAt.is_not_null());
        dead.count(&self.db()).await.map_err(store_error)
    }

    /// An id sorts by when its event came to be: the primary key is walked from its old end, where
    /// little but dead letters is left.
    async fn forget_delivered_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM outbox_events WHERE id IN (\
                   SELECT id FROM outbox_events WHERE id < $1 AND delivered_at IS NOT NULL \
                   ORDER BY id LIMIT {limit})";
        let first_kept = OutboxEventId::earliest_at(instant).uuid();
        self.remove(sql, [first_kept.into()], limit).await
    }

    async fn dead(&mut self, page: PageRequest) -> Result<Page<DeadLetter>, StoreError> {
        let query = Entity::find().filter(Column::DeadAt.is_not_null());
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let items: Result<_, _> = rows.items.into_iter().map(dead_letter).collect();
        Ok(Page {
            items: items?,
            next: rows.next,
        })
    }

    async fn revive(&mut self, id: OutboxEventId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::DeadAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::DueAt, Expr::value(now))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::DeadAt.is_not_null());
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn knows(&mut self, id: OutboxEventId) -> Result<bool, StoreError> {
        let found = Entity::find_by_id(id.uuid()).one(&self.db()).await;
        Ok(found.map_err(store_error)?.is_some())
    }
}

fn event(row: Model) -> Result<OutboxEvent, StoreError> {
    Ok(OutboxEvent {
        id: OutboxEventId::from_uuid(row.id),
        created_at: row.created_at,
        kind: row.kind,
        recipient: AccountId::from_uuid(row.recipient_id),
        template: row.template,
        parameters: parsed(
            "outbox_events",
            row.id,
            serde_json::from_value(row.parameters),
        )?,
        subject: row.subject,
        attempts: parsed("outbox_events", row.id, u32::try_from(row.attempts))?,
    })
}

fn dead_letter(row: Model) -> Result<DeadLetter, StoreError> {
    Ok(DeadLetter {
        id: OutboxEventId::from_uuid(row.id),
        kind: row.kind,
        template: row.template,
        reason: row.last_failure.unwrap_or_default(),
        attempts: parsed("outbox_events", row.id, u32::try_from(row.attempts))?,
        created_at: row.created_at,
        since: row
            .dead_at
            .ok_or_else(|| corrupt("outbox_events", row.id))?,
    })
}
