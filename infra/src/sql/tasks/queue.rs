//! The queue: filters, counts, and pages by due time. The cursor is the id of the last task seen;
//! its due time never changes, so that pages stay in place while tasks come and go.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{Jurisdiction, Page, PageRequest},
    store::StoreError,
    tasks::{
        KindCount, Task,
        ports::{AssigneeFilter, TaskFilter, TaskOrder},
    },
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait},
};
use uuid::Uuid;

use super::entity::task::{Column, Entity, Model};
use crate::sql::db::{
    area::{inside, of_places},
    error::store_error,
    store::SqlTx,
};

impl SqlTx {
    pub(super) async fn queue(
        &self,
        area: &Jurisdiction,
        filter: &TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        let direction = match filter.order {
            TaskOrder::Due => Order::Asc,
            TaskOrder::DueLast => Order::Desc,
        };
        let mut shown =
            open(area, filter).add_option(filter.kind.as_deref().map(|kind| Column::Kind.eq(kind)));
        if let Some(after) = page.after {
            let Some(due_at) = self.due_at(after).await? else {
                let items = Vec::new();
                return Ok(Page { items, next: None });
            };
            shown = shown.add(behind(filter.order, due_at, after));
        }
        let rows = Entity::find()
            .filter(shown)
            .order_by(Column::DueAt, direction.clone())
            .order_by(Column::Id, direction)
            .limit(page.limit + 1)
            .all(&self.db())
            .await
            .map_err(store_error)?;
        let page = Page::cut(rows, page, |row: &Model| row.id);
        Ok(Page {
            items: self.tasks_of(page.items).await?,
            next: page.next,
        })
    }

    async fn due_at(&self, id: Uuid) -> Result<Option<DateTime<Utc>>, StoreError> {
        let row = Entity::find_by_id(id).one(&self.db()).await;
        Ok(row.map_err(store_error)?.map(|row| row.due_at))
    }

    pub(super) async fn kind_counts(
        &self,
        area: &Jurisdiction,
        filter: &TaskFilter,
        now: DateTime<Utc>,
    ) -> Result<Vec<KindCount>, StoreError> {
        let late: CaseStatement = Expr::case(Column::DueAt.lte(now), 1).finally(0);
        let late: Expr = late.into();
        let rows: Vec<(String, i64, i64)> = Entity::find()
            .select_only()
            .column(Column::Kind)
            .column_as(Column::Id.count(), "open")
            .column_as(late.sum(), "overdue")
            .filter(open(area, filter))
            .group_by(Column::Kind)
            .order_by_asc(Column::Kind)
            .into_tuple()
            .all(&self.db())
            .await
            .map_err(store_error)?;
        let count = |(kind, open, overdue)| KindCount {
            kind,
            open,
            overdue,
        };
        Ok(rows.into_iter().map(count).collect())
    }
}

/// Open ones inside the area that the filter lets through, of whatever kind.
fn open(area: &Jurisdiction, filter: &TaskFilter) -> Condition {
    let district = filter.district.map(Jurisdiction::District);
    let assignee = filter.assignee.map(|assignee| match assignee {
        AssigneeFilter::Nobody => Column::AssigneeId.is_null(),
        AssigneeFilter::One(account) => Column::AssigneeId.eq(account.uuid()),
    });
    Condition::all()
        .add(Column::State.eq("open"))
        .add(of_places(Column::District, Column::UnionId, area))
        .add_option(district.map(|district| inside(Column::District, &district)))
        .add_option(filter.due_before.map(|instant| Column::DueAt.lt(instant)))
        .add_option(assignee)
}

/// What comes after a task in the order of the queue.
fn behind(order: TaskOrder, due_at: DateTime<Utc>, id: Uuid) -> Condition {
    let (later, next) = match order {
        TaskOrder::Due => (Column::DueAt.gt(due_at), Column::Id.gt(id)),
        TaskOrder::DueLast => (Column::DueAt.lt(due_at), Column::Id.lt(id)),
    };
    let same_time = Condition::all().add(Column::DueAt.eq(due_at)).add(next);
    Condition::any().add(later).add(same_time)
}
