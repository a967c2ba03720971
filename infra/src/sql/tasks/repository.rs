//! Tasks. Conditional updates decide who decides, who gets one, and who tells of it.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{AccountId, TaskId, UnionId},
    },
    store::StoreError,
    tasks::{
        KindCount, Task,
        ports::{TaskFilter, TaskRepository},
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{
    entity::{
        task::{Column, Entity},
        task_party as party,
    },
    rows::{StateColumns, person, row},
};
use crate::sql::db::{
    area::of_places, bulk::models, error::store_error, rows::took_effect, store::SqlTx,
};

/// Rows in one statement.
const AT_ONCE: usize = 500;

#[async_trait]
impl TaskRepository for SqlTx {
    async fn add(&mut self, tasks: &[Task]) -> Result<u64, StoreError> {
        let mut added = 0;
        for some in tasks.chunks(AT_ONCE) {
            added += self.add_some(some).await?;
        }
        Ok(added)
    }

    async fn find_open(&mut self, kind: &str, subject: &str) -> Result<Option<Task>, StoreError> {
        let query = Entity::find()
            .filter(Column::Kind.eq(kind))
            .filter(Column::Subject.eq(subject))
            .filter(Column::State.eq("open"));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        Ok(self.tasks_of(rows).await?.pop())
    }

    async fn find_within(
        &mut self,
        ids: &[TaskId],
        area: &Jurisdiction,
    ) -> Result<Vec<Task>, StoreError> {
        let query = Entity::find()
            .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .filter(of_places(Column::District, Column::UnionId, area));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        self.tasks_of(rows).await
    }

    async fn decide(
        &mut self,
        task: &Task,
        read_first: Option<AccountId>,
    ) -> Result<bool, StoreError> {
        let state = StateColumns::of(&task.state);
        let (first, last) = (state.first, state.last);
        let as_read = match read_first {
            None => Column::FirstBy.is_null(),
            Some(account) => Column::FirstBy.eq(account.uuid()),
        };
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value(state.state))
            .col_expr(Column::FirstBy, Expr::value(first.map(|it| it.by.uuid())))
            .col_expr(Column::FirstPerson, Expr::value(person(first)))
            .col_expr(Column::FirstAt, Expr::value(first.map(|it| it.at)))
            .col_expr(Column::DecidedBy, Expr::value(last.map(|it| it.by.uuid())))
            .col_expr(Column::DecidedPerson, Expr::value(person(last)))
            .col_expr(Column::Outcome, Expr::value(state.outcome))
            .col_expr(Column::OnTime, Expr::value(state.on_time))
            .col_expr(Column::ClosedAt, Expr::value(state.closed_at))
            .filter(Column::Id.eq(task.id.uuid()))
            .filter(Column::State.eq("open"))
            .filter(as_read);
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn withdraw(
        &mut self,
        kind: &str,
        subjects: &[String],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let nobody = Expr::value(None::<uuid::Uuid>);
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value("withdrawn"))
            .col_expr(Column::ClosedAt, Expr::value(now))
            .col_expr(Column::FirstBy, nobody.clone())
            .col_expr(Column::FirstPerson, nobody)
            .col_expr(Column::FirstAt, Expr::value(None::<DateTime<Utc>>))
            .filter(Column::Kind.eq(kind))
            .filter(Column::Subject.is_in(subjects))
            .filter(Column::State.eq("open"));
        let closed = update.exec(&self.db()).await.map_err(store_error)?;
        Ok(closed.rows_affected)
    }

    async fn assign(
        &mut self,
        id: TaskId,
        current: Option<AccountId>,
        target: Option<AccountId>,
    ) -> Result<bool, StoreError> {
        let has_it = match current {
            None => Column::AssigneeId.is_null(),
            Some(account) => Column::AssigneeId.eq(account.uuid()),
        };
        let update = Entity::update_many()
            .col_expr(Column::AssigneeId, Expr::value(target.map(|id| id.uuid())))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::State.eq("open"))
            .filter(has_it);
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: &TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        self.queue(area, filter, page).await
    }

    async fn counts(
        &mut self,
        area: &Jurisdiction,
        filter: &TaskFilter,
        now: DateTime<Utc>,
    ) -> Result<Vec<KindCount>, StoreError> {
        self.kind_counts(area, filter, now).await
    }

    async fn take_reminders(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Task>, StoreError> {
        let waits = "state = 'open' AND reminded_at IS NULL AND remind_at <= $1 AND due_at > $1";
        self.take("reminded_at", waits, "remind_at", now, limit)
            .await
    }

    async fn take_overdue(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Task>, StoreError> {
        let waits = "state = 'open' AND escalated_at IS NULL AND due_at <= $1";
        self.take("escalated_at", waits, "due_at", now, limit).await
    }

    async fn union_above(&mut self, union: UnionId) -> Result<Option<UnionId>, StoreError> {
        let sql = "SELECT parent_id FROM unions WHERE id = $1 AND parent_id IS NOT NULL";
        let rows = self.rows(sql, [union.uuid().into()]).await?;
        rows.first()
            .map(|row| {
                let parent = row.try_get("", "parent_id").map_err(store_error)?;
                Ok(UnionId::from_uuid(parent))
            })
            .transpose()
    }
}

impl SqlTx {
    async fn add_some(&self, tasks: &[Task]) -> Result<u64, StoreError> {
        let keep_first = OnConflict::new().do_nothing().to_owned();
        let added = Entity::insert_many(tasks.iter().map(row))
            .on_conflict(keep_first)
            .exec_with_returning(&self.db())
            .await
            .map_err(store_error)?;
        let added: HashSet<_> = added.into_iter().map(|row| row.id).collect();
        let parties = tasks
            .iter()
            .filter(|task| added.contains(&task.id.uuid()))
            .flat_map(|task| {
                task.parties.ids().map(|id| party::ActiveModel {
                    task_id: Set(task.id.uuid()),
                    party: Set(id),
                })
            });
        let parties: Vec<_> = parties.collect();
        for some in parties.chunks(AT_ONCE) {
            party::Entity::insert_many(some.to_vec())
                .exec_without_returning(&self.db())
                .await
                .map_err(store_error)?;
        }
        Ok(added.len() as u64)
    }

    /// Marks what `waits`, oldest first, and returns it. Whoever marks a row second finds that it
    /// waits no more.
    async fn take(
        &self,
        mark: &str,
        waits: &str,
        oldest: &str,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Task>, StoreError> {
        let sql = format!(
            "UPDATE tasks SET {mark} = $1 WHERE {waits} AND id IN (\
               SELECT id FROM tasks WHERE {waits} ORDER BY {oldest}, id LIMIT {limit}) RETURNING *"
        );
        let rows = self.rows(&sql, [now.into()]).await?;
        let mut tasks = self.tasks_of(models(&rows)?).await?;
        tasks.sort_unstable_by_key(|task| (task.due_at, task.id));
        Ok(tasks)
    }
}
