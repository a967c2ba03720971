//! Batches and their counters. A batch's state is moved by compare-and-set, and its counter opens
//! or shuts with it.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{Fen, Jurisdiction, Page, PageRequest, id::VoucherBatchId},
    store::StoreError,
    vouchers::{
        batches::batch::{Batch, BatchState, BatchStatus, Counter, Unfinished},
        ports::VoucherBatchRepository,
        reconciliation::conservation::BatchSums,
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    sea_query::Expr,
};

use super::{
    entity::{
        voucher_batch::{Column, Entity},
        voucher_counter, voucher_day,
    },
    rows::{batch, counter, row, state_word},
};
use crate::sql::db::{
    area::inside,
    bulk::{Rows, models},
    error::store_error,
    rows::took_effect,
    store::SqlTx,
};

#[async_trait]
impl VoucherBatchRepository for SqlTx {
    async fn add(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let counter = voucher_counter::ActiveModel {
            batch_id: Set(batch.id.uuid()),
            open: Set(false),
            quota: Set(batch.rules.quota),
            issued: Set(0),
            budget_fen: Set(batch.rules.budget.get()),
            reserved_fen: Set(0),
            spent_fen: Set(0),
        };
        Entity::insert(row(batch)?)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        voucher_counter::Entity::insert(counter)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find_within(
        &mut self,
        id: VoucherBatchId,
        area: &Jurisdiction,
    ) -> Result<Option<Batch>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(inside(Column::District, area));
        query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(batch)
            .transpose()
    }

    async fn find_many(&mut self, ids: &[VoucherBatchId]) -> Result<Vec<Batch>, StoreError> {
        let sql = "SELECT b.* FROM voucher_batches b WHERE b.id IN (SELECT id FROM {rows})";
        let rows = self
            .query_rows(
                sql,
                [],
                Rows::default().uuids("id", ids.iter().map(|id| id.uuid())),
            )
            .await?;
        models(&rows)?.into_iter().map(batch).collect()
    }

    async fn save(&mut self, before: &Batch, after: &Batch) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .set(row(after)?)
            .filter(Column::Id.eq(after.id.uuid()))
            .filter(Column::State.eq(state_word(&before.state)));
        if !took_effect(update.exec(&self.db()).await.map_err(store_error)?) {
            return Ok(false);
        }
        let is_open = matches!(after.state, BatchState::Running { .. });
        let mut counter = voucher_counter::Entity::update_many()
            .col_expr(voucher_counter::Column::Open, Expr::value(is_open))
            .filter(voucher_counter::Column::BatchId.eq(after.id.uuid()));
        if matches!(after.state, BatchState::Draft { .. }) {
            counter = counter
                .col_expr(
                    voucher_counter::Column::Quota,
                    Expr::value(after.rules.quota),
                )
                .col_expr(
                    voucher_counter::Column::BudgetFen,
                    Expr::value(after.rules.budget.get()),
                );
        }
        Ok(took_effect(
            counter.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn counters(&mut self, ids: &[VoucherBatchId]) -> Result<Vec<Counter>, StoreError> {
        use voucher_counter::Column::BatchId;
        let query =
            voucher_counter::Entity::find().filter(BatchId.is_in(ids.iter().map(|id| id.uuid())));
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(counter)
            .collect()
    }

    async fn set_quota(
        &mut self,
        id: VoucherBatchId,
        current: i64,
        target: i64,
    ) -> Result<bool, StoreError> {
        use voucher_counter::Column::{BatchId, Issued, Quota};
        let update = voucher_counter::Entity::update_many()
            .col_expr(Quota, Expr::value(target))
            .filter(BatchId.eq(id.uuid()))
            .filter(Quota.eq(current))
            .filter(Issued.lte(target));
        Ok(took_effect(
            update.exec(&self.db()).await.map_err(store_error)?,
        ))
    }

    async fn set_budget(
        &mut self,
        id: VoucherBatchId,
        current: Fen,
        target: Fen,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE voucher_counters SET budget_fen = $3 \
                   WHERE batch_id = $1 AND budget_fen = $2 AND reserved_fen + spent_fen <= $3";
        Ok(self
            .run(
                sql,
                [id.uuid().into(), current.get().into(), target.get().into()],
            )
            .await?
            > 0)
    }

    async fn shut_for_good(&mut self, id: VoucherBatchId) -> Result<bool, StoreError> {
        self.shut_finished(id).await
    }

    async fn is_counter_free(&mut self, id: VoucherBatchId) -> Result<bool, StoreError> {
        // SQLite's one writer is this transaction.
        if self.backend() != DbBackend::Postgres {
            return Ok(true);
        }
        self.db()
            .execute_unprepared("SET LOCAL lock_timeout = '100ms'")
            .await
            .map_err(store_error)?;
        let sql = "UPDATE voucher_counters SET open = open WHERE batch_id = $1";
        match self.run(sql, [id.uuid().into()]).await {
            Ok(_) => Ok(true),
            Err(StoreError::Locked { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    async fn unfinished(&mut self, id: VoucherBatchId) -> Result<Option<Unfinished>, StoreError> {
        self.what_is_unfinished(id).await
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        status: Option<BatchStatus>,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Batch>, StoreError> {
        let of_status = status.map_or_else(Condition::all, |status| with_status(status, now));
        self.batches(inside(Column::District, area).add(of_status), page)
            .await
    }

    async fn list_open(
        &mut self,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Batch>, StoreError> {
        self.batches(with_status(BatchStatus::Running, now), page)
            .await
    }

    async fn issued_on(
        &mut self,
        ids: &[VoucherBatchId],
        day: NaiveDate,
    ) -> Result<Vec<(VoucherBatchId, i64)>, StoreError> {
        use voucher_day::{Column, Entity};
        let query = Entity::find()
            .filter(Column::BatchId.is_in(ids.iter().map(|id| id.uuid())))
            .filter(Column::Day.eq(day.to_string()));
        let rows = query.all(&self.db()).await.map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|row| (VoucherBatchId::from_uuid(row.batch_id), row.issued))
            .collect())
    }

    async fn tally(
        &mut self,
        id: VoucherBatchId,
        now: DateTime<Utc>,
    ) -> Result<Option<BatchSums>, StoreError> {
        self.tally_of(id, now).await
    }
}

impl SqlTx {
    async fn batches(
        &self,
        condition: Condition,
        page: PageRequest,
    ) -> Result<Page<Batch>, StoreError> {
        let rows = self
            .page(Entity::find().filter(condition), Column::Id, page, |row| {
                row.id
            })
            .await?;
        let items = rows
            .items
            .into_iter()
            .map(batch)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }
}

fn with_status(status: BatchStatus, now: DateTime<Utc>) -> Condition {
    let state = Condition::all();
    match status {
        BatchStatus::Running | BatchStatus::Paused => state
            .add(Column::State.eq(status.code()))
            .add(Column::ValidTo.gt(now)),
        BatchStatus::Ended => state
            .add(Column::State.is_in(["running", "paused"]))
            .add(Column::ValidTo.lte(now)),
        BatchStatus::Draft
        | BatchStatus::Submitted
        | BatchStatus::Rejected
        | BatchStatus::Stopped
        | BatchStatus::Closed => state.add(Column::State.eq(status.code())),
    }
}
