//! Batches. A batch's state is moved by compare-and-set, and its budget opens or shuts with it.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{Jurisdiction, Page, PageRequest, id::VoucherBatchId},
    ledger::Budget,
    store::StoreError,
    vouchers::{
        batches::batch::{Batch, BatchState, BatchStatus, Unfinished},
        ports::VoucherBatchRepository,
        reconciliation::conservation::BatchSums,
    },
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::{
    entity::{
        voucher_batch::{Column, Entity},
        voucher_day,
    },
    rows::{batch, row, state_word},
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
        Entity::insert(row(batch)?)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        self.add_budget(&fresh_budget(batch)).await
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
        let budget = after.id.into();
        match after.state {
            BatchState::Draft { .. } => self.redraft_budget(&fresh_budget(after)).await,
            BatchState::Running { .. } => self.open_budget(budget, true).await,
            BatchState::Submitted { .. }
            | BatchState::Rejected { .. }
            | BatchState::Paused { .. }
            | BatchState::Stopped { .. }
            | BatchState::Closed { .. } => self.open_budget(budget, false).await,
        }
    }

    async fn shut_for_good(&mut self, id: VoucherBatchId) -> Result<bool, StoreError> {
        self.shut_finished(id).await
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

/// Nothing issued and nothing reserved.
fn fresh_budget(batch: &Batch) -> Budget {
    Budget::new(batch.id.into(), batch.rules.quota, batch.rules.budget)
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
