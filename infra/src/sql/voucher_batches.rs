//! Batches and their counters. A batch's state is moved by compare-and-set, and its counter opens or shuts with it.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{
    kernel::{
        DistrictCode, Fen, Jurisdiction, Page, PageRequest,
        id::{AccountId, PersonId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::{
        batch::{Batch, BatchState, BatchStatus, Counter, Officer},
        conservation::Tally,
        ports::VoucherBatchRepository,
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Statement, sea_query::Expr,
};

use super::{
    entity::{
        voucher_batch::{ActiveModel, Column, Entity, Model},
        voucher_counter,
    },
    error::store_error,
    rows::{corrupt, parsed, took_effect},
    store::SqlTx,
};

const TABLE: &str = "voucher_batches";

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
        Entity::insert(row(batch)?).exec_without_returning(&self.db()).await.map_err(store_error)?;
        voucher_counter::Entity::insert(counter).exec_without_returning(&self.db()).await.map_err(store_error)?;
        Ok(())
    }

    async fn find_within(&mut self, id: VoucherBatchId, area: &Jurisdiction) -> Result<Option<Batch>, StoreError> {
        let query = Entity::find_by_id(id.uuid()).filter(inside(area));
        query.one(&self.db()).await.map_err(store_error)?.map(batch).transpose()
    }

    async fn find_many(&mut self, ids: &[VoucherBatchId]) -> Result<Vec<Batch>, StoreError> {
        let query = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        query.all(&self.db()).await.map_err(store_error)?.into_iter().map(batch).collect()
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
                .col_expr(voucher_counter::Column::Quota, Expr::value(after.rules.quota))
                .col_expr(voucher_counter::Column::BudgetFen, Expr::value(after.rules.budget.get()));
        }
        Ok(took_effect(counter.exec(&self.db()).await.map_err(store_error)?))
    }

    async fn counters(&mut self, ids: &[VoucherBatchId]) -> Result<Vec<Counter>, StoreError> {
        use voucher_counter::Column::BatchId;
        let query = voucher_counter::Entity::find().filter(BatchId.is_in(ids.iter().map(|id| id.uuid())));
        query.all(&self.db()).await.map_err(store_error)?.into_iter().map(counter).collect()
    }

    async fn set_quota(&mut self, id: VoucherBatchId, current: i64, target: i64) -> Result<bool, StoreError> {
        use voucher_counter::Column::{BatchId, Issued, Quota};
        let update = voucher_counter::Entity::update_many()
            .col_expr(Quota, Expr::value(target))
            .filter(BatchId.eq(id.uuid()))
            .filter(Quota.eq(current))
            .filter(Issued.lte(target));
        Ok(took_effect(update.exec(&self.db()).await.map_err(store_error)?))
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        status: Option<BatchStatus>,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Batch>, StoreError> {
        let of_status = status.map_or_else(Condition::all, |status| with_status(status, now));
        self.batches(inside(area).add(of_status), page).await
    }

    async fn list_open(&mut self, now: DateTime<Utc>, page: PageRequest) -> Result<Page<Batch>, StoreError> {
        self.batches(with_status(BatchStatus::Running, now), page).await
    }

    async fn issued_on(
        &mut self,
        ids: &[VoucherBatchId],
        day: NaiveDate,
    ) -> Result<Vec<(VoucherBatchId, i64)>, StoreError> {
        let mut issued = Vec::with_capacity(ids.len());
        for id in ids {
            issued.push((*id, self.issued_today(*id, day).await?));
        }
        Ok(issued)
    }

    async fn tally(&mut self, id: VoucherBatchId, now: DateTime<Utc>) -> Result<Option<Tally>, StoreError> {
        self.tally_of(id, now).await
    }
}

impl SqlTx {
    async fn batches(&self, condition: Condition, page: PageRequest) -> Result<Page<Batch>, StoreError> {
        let rows = self.page(Entity::find().filter(condition), Column::Id, page, |row| row.id).await?;
        let items = rows.items.into_iter().map(batch).collect::<Result<_, _>>()?;
        Ok(Page { items, next: rows.next })
    }

    pub(super) async fn issued_today(&self, id: VoucherBatchId, day: NaiveDate) -> Result<i64, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "SELECT issued FROM voucher_days WHERE batch_id = $1 AND day = $2",
            [id.uuid().into(), day.to_string().into()],
        );
        let row = self.db().query_one_raw(statement).await.map_err(store_error)?;
        row.map_or(Ok(0), |row| row.try_get("", "issued").map_err(store_error))
    }
}

fn inside(area: &Jurisdiction) -> Condition {
    match area {
        Jurisdiction::Everywhere => Condition::all(),
        Jurisdiction::District(district) => {
            let (first, last) = district.text_bounds();
            Condition::all().add(Column::District.between(first, last))
        }
        // Batches belong to districts, not to unions.
        Jurisdiction::Union(_) => Condition::all().add(Expr::value(false)),
    }
}

fn with_status(status: BatchStatus, now: DateTime<Utc>) -> Condition {
    let state = Condition::all();
    match status {
        BatchStatus::Running | BatchStatus::Paused => {
            state.add(Column::State.eq(status.as_str())).add(Column::ValidTo.gt(now))
        }
        BatchStatus::Ended => state.add(Column::State.is_in(["running", "paused"])).add(Column::ValidTo.lte(now)),
        BatchStatus::Draft | BatchStatus::Submitted | BatchStatus::Rejected | BatchStatus::Stopped => {
            state.add(Column::State.eq(status.as_str()))
        }
    }
}

const fn state_word(state: &BatchState) -> &'static str {
    match state {
        BatchState::Draft { .. } => "draft",
        BatchState::Submitted { .. } => "submitted",
        BatchState::Rejected { .. } => "rejected",
        BatchState::Running { .. } => "running",
        BatchState::Paused { .. } => "paused",
        BatchState::Stopped { .. } => "stopped",
    }
}

/// Who submitted, who decided, and the reason given.
fn state_columns(state: &BatchState) -> (Option<Officer>, Option<AccountId>, Option<String>) {
    match state {
        BatchState::Draft { returned } => (None, None, returned.clone()),
        BatchState::Submitted { by } => (Some(*by), None, None),
        BatchState::Rejected { by, reason } => (None, Some(*by), Some(reason.clone())),
        BatchState::Running { approved_by }
        | BatchState::Paused { approved_by }
        | BatchState::Stopped { approved_by } => (None, Some(*approved_by), None),
    }
}

fn row(batch: &Batch) -> Result<ActiveModel, StoreError> {
    let rules = serde_json::to_value(&batch.rules).map_err(|error| StoreError::Failed(Box::new(error)))?;
    let (submitter, decided_by, reason) = state_columns(&batch.state);
    Ok(ActiveModel {
        id: Set(batch.id.uuid()),
        name: Set(batch.name.clone()),
        district: Set(batch.district.to_string()),
        state: Set(state_word(&batch.state).to_owned()),
        rules: Set(rules),
        valid_to: Set(batch.rules.valid_to),
        drafted_by: Set(batch.drafted_by.account_id.uuid()),
        drafted_by_person: Set(batch.drafted_by.person_id.map(|id| id.uuid())),
        submitted_by: Set(submitter.map(|officer| officer.account_id.uuid())),
        submitted_by_person: Set(submitter.and_then(|officer| officer.person_id).map(|id| id.uuid())),
        decided_by: Set(decided_by.map(|id| id.uuid())),
        reason: Set(reason),
        created_at: Set(batch.created_at),
    })
}

fn batch(row: Model) -> Result<Batch, StoreError> {
    let id = row.id;
    Ok(Batch {
        id: VoucherBatchId::from_uuid(id),
        district: parsed(TABLE, id, DistrictCode::parse(&row.district))?,
        rules: parsed(TABLE, id, serde_json::from_value(row.rules.clone()))?,
        drafted_by: Officer {
            account_id: AccountId::from_uuid(row.drafted_by),
            person_id: row.drafted_by_person.map(PersonId::from_uuid),
        },
        created_at: row.created_at,
        state: state(&row).ok_or_else(|| corrupt(TABLE, id))?,
        name: row.name,
    })
}

fn state(row: &Model) -> Option<BatchState> {
    let decided_by = row.decided_by.map(AccountId::from_uuid);
    Some(match row.state.as_str() {
        "draft" => BatchState::Draft { returned: row.reason.clone() },
        "submitted" => BatchState::Submitted {
            by: Officer {
                account_id: row.submitted_by.map(AccountId::from_uuid)?,
                person_id: row.submitted_by_person.map(PersonId::from_uuid),
            },
        },
        "rejected" => BatchState::Rejected { by: decided_by?, reason: row.reason.clone()? },
        "running" => BatchState::Running { approved_by: decided_by? },
        "paused" => BatchState::Paused { approved_by: decided_by? },
        "stopped" => BatchState::Stopped { approved_by: decided_by? },
        _ => return None,
    })
}

fn counter(row: voucher_counter::Model) -> Result<Counter, StoreError> {
    let fen = |amount| Fen::new(amount).ok_or_else(|| corrupt("voucher_counters", row.batch_id));
    Ok(Counter {
        batch_id: VoucherBatchId::from_uuid(row.batch_id),
        open: row.open,
        quota: row.quota,
        issued: row.issued,
        budget: fen(row.budget_fen)?,
        reserved: fen(row.reserved_fen)?,
        spent: fen(row.spent_fen)?,
    })
}
