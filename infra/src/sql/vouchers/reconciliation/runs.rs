//! Reconciliations: looking, and keeping what was found. The unique day decides which process looks
//! at night.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{ReconciliationId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::reconciliation::{
        Contradiction, Difference, Reconciliation, Report, Stray,
        conservation::BatchSums,
        ports::{BatchRange, Contradicting, NightlyRun, ReconciliationRepository},
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    Statement, sea_query::Expr,
};
use uuid::Uuid;

use super::entity::{
    reconciliation::{Column, Entity, Model},
    reconciliation_difference,
};
use crate::sql::db::{
    area::of_batches,
    error::store_error,
    rows::{parsed, took_effect},
    store::SqlTx,
};

/// Differences kept of one night; the count is of all.
const KEPT: usize = 100;

#[async_trait]
impl ReconciliationRepository for SqlTx {
    async fn tallies(
        &mut self,
        after: Uuid,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<(VoucherBatchId, BatchSums)>, StoreError> {
        self.tallies_after(after, limit, now).await
    }

    async fn contradicting(
        &mut self,
        what: Contradiction,
        range: BatchRange,
        recent: DateTime<Utc>,
    ) -> Result<Vec<Contradicting>, StoreError> {
        self.contradicting_rows(what, range, recent).await
    }

    async fn stray(&mut self, what: Stray) -> Result<i64, StoreError> {
        self.count_stray(what).await
    }

    async fn start(
        &mut self,
        run: &NightlyRun,
        abandoned: DateTime<Utc>,
    ) -> Result<Option<ReconciliationId>, StoreError> {
        let sql = "INSERT INTO reconciliations (id, day, started_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (day) DO UPDATE SET started_at = $3 \
                   WHERE reconciliations.finished_at IS NULL AND reconciliations.started_at < $4 RETURNING id";
        let values = [
            run.id.uuid().into(),
            run.day.to_string().into(),
            run.started_at.into(),
            abandoned.into(),
        ];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        row.map(|row| row.try_get("", "id").map(ReconciliationId::from_uuid))
            .transpose()
            .map_err(store_error)
    }

    async fn finish(
        &mut self,
        run: &NightlyRun,
        report: &Report,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let update = Entity::update_many()
            .col_expr(Column::FinishedAt, Expr::value(now))
            .col_expr(Column::Batches, Expr::value(whole(report.totals.batches)))
            .col_expr(Column::Differences, Expr::value(whole(report.found)))
            .filter(Column::Id.eq(run.id.uuid()))
            .filter(Column::StartedAt.eq(run.started_at))
            .filter(Column::FinishedAt.is_null());
        if !took_effect(update.exec(&self.db()).await.map_err(store_error)?) {
            return Ok(false);
        }
        let rows = (1..)
            .zip(report.differences.iter().take(KEPT))
            .map(|(n, one)| row(run.id, n, one));
        let insert = reconciliation_difference::Entity::insert_many(rows);
        insert
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(true)
    }

    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<Reconciliation>, StoreError> {
        let rows = self
            .page(Entity::find(), Column::Id, page, |row| row.id)
            .await?;
        let runs: Vec<_> = rows.items.iter().map(|row| row.id).collect();
        let mut differences = self.differences_of(runs, area).await?;
        let items = rows.items.into_iter().map(|row| {
            let own = differences.remove(&row.id).unwrap_or_default();
            reconciliation(row, own)
        });
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next: rows.next,
        })
    }
}

impl SqlTx {
    async fn differences_of(
        &self,
        runs: Vec<Uuid>,
        area: &Jurisdiction,
    ) -> Result<HashMap<Uuid, Vec<Difference>>, StoreError> {
        use reconciliation_difference::{Column, Entity};
        let query = Entity::find()
            .filter(Column::ReconciliationId.is_in(runs))
            .filter(of_batches(Column::BatchId, area))
            .order_by_asc(Column::ReconciliationId)
            .order_by_asc(Column::N);
        let mut by_run: HashMap<_, Vec<_>> = HashMap::new();
        for row in query.all(&self.db()).await.map_err(store_error)? {
            by_run
                .entry(row.reconciliation_id)
                .or_default()
                .push(difference(row));
        }
        Ok(by_run)
    }
}

fn row(run: ReconciliationId, n: i32, one: &Difference) -> reconciliation_difference::ActiveModel {
    reconciliation_difference::ActiveModel {
        reconciliation_id: Set(run.uuid()),
        n: Set(n),
        batch_id: Set(one.batch_id.map(|id| id.uuid())),
        equation: Set(one.equation.clone()),
        left_side: Set(one.left),
        right_side: Set(one.right),
        example: Set(one.example.clone()),
    }
}

fn difference(row: reconciliation_difference::Model) -> Difference {
    Difference {
        batch_id: row.batch_id.map(VoucherBatchId::from_uuid),
        equation: row.equation,
        left: row.left_side,
        right: row.right_side,
        example: row.example,
    }
}

fn reconciliation(row: Model, differences: Vec<Difference>) -> Result<Reconciliation, StoreError> {
    Ok(Reconciliation {
        id: ReconciliationId::from_uuid(row.id),
        day: parsed("reconciliations", row.id, row.day.parse())?,
        started_at: row.started_at,
        finished_at: row.finished_at,
        batches: row.batches,
        differences,
    })
}
