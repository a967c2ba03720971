//! Grant runs: one row per batch gives out the rounds and keeps the cursor.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        DistrictCode,
        id::{AccountId, MembershipId, PersonId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::allotment::{
        AllotmentRun, AllotmentState,
        ports::{AllotmentRunRepository, Candidate},
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    Statement, sea_query::Expr,
};
use uuid::Uuid;

use super::entity::voucher_allotment_run::{ActiveModel, Column, Entity, Model};
use crate::sql::{
    db::{
        error::store_error,
        rows::{corrupt, parsed},
        store::SqlTx,
    },
    membership::memberships::standing,
};

const TABLE: &str = "voucher_allotment_runs";

#[async_trait]
impl AllotmentRunRepository for SqlTx {
    async fn add(&mut self, run: &AllotmentRun) -> Result<(), StoreError> {
        Entity::insert(row(run)?)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find(&mut self, batch: VoucherBatchId) -> Result<Option<AllotmentRun>, StoreError> {
        Entity::find_by_id(batch.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(run)
            .transpose()
    }

    async fn due(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<AllotmentRun>, StoreError> {
        let sql = format!(
            "SELECT r.* FROM voucher_allotment_runs r JOIN voucher_batches b ON b.id = r.batch_id \
             WHERE r.state IN ('waiting', 'running') AND (b.state = 'stopped' OR b.valid_to <= $1 \
                OR (b.state = 'running' AND r.starts_at <= $1)) ORDER BY r.starts_at LIMIT {limit}"
        );
        let statement = Statement::from_sql_and_values(self.backend(), sql, [now.into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|row| run(Model::from_query_result(&row, "").map_err(store_error)?))
            .collect()
    }

    async fn take_round(&mut self, run: &AllotmentRun) -> Result<bool, StoreError> {
        let sql = "UPDATE voucher_allotment_runs SET round = round + 1 \
                   WHERE batch_id = $1 AND round = $2 AND state IN ('waiting', 'running')";
        Ok(self
            .run(sql, [run.batch_id.uuid().into(), run.round.into()])
            .await?
            > 0)
    }

    async fn save(&mut self, run: &AllotmentRun) -> Result<(), StoreError> {
        // The round was counted when it was taken.
        let changed = ActiveModel {
            round: sea_orm::ActiveValue::NotSet,
            ..row(run)?
        };
        let update = Entity::update_many()
            .set(changed)
            .filter(Column::BatchId.eq(run.batch_id.uuid()));
        update.exec(&self.db()).await.map_err(store_error)?;
        Ok(())
    }

    async fn go_on(&mut self, batch: VoucherBatchId) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value(AllotmentState::Running.code()))
            .col_expr(
                Column::FinishedAt,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .filter(Column::BatchId.eq(batch.uuid()))
            .filter(Column::State.eq(AllotmentState::Exhausted.code()));
        update.exec(&self.db()).await.map_err(store_error)?;
        Ok(())
    }

    async fn candidates(
        &mut self,
        district: DistrictCode,
        cursor: Option<MembershipId>,
        limit: u64,
    ) -> Result<Vec<Candidate>, StoreError> {
        let sql = format!(
            "SELECT m.id, m.person_id, m.account_id, m.status, m.union_id, m.occupation, u.district \
             FROM memberships m JOIN unions u ON u.id = m.union_id \
             WHERE m.status IN ('provisional', 'active') AND u.district BETWEEN $1 AND $2 AND m.id > $3 \
             ORDER BY m.id LIMIT {limit}"
        );
        let (first, last) = district.text_bounds();
        let after = cursor.map_or(Uuid::nil(), |id| id.uuid());
        let statement = Statement::from_sql_and_values(
            self.backend(),
            sql,
            [first.into(), last.into(), after.into()],
        );
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let candidate = |row: sea_orm::QueryResult| {
            let person = PersonId::from_uuid(row.try_get("", "person_id").map_err(store_error)?);
            let account_id =
                AccountId::from_uuid(row.try_get("", "account_id").map_err(store_error)?);
            Ok(Candidate {
                standing: standing(person, &row)?,
                account_id,
            })
        };
        rows.into_iter().map(candidate).collect()
    }
}

fn row(run: &AllotmentRun) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        batch_id: Set(run.batch_id.uuid()),
        starts_at: Set(run.starts_at),
        state: Set(run.state.code().to_owned()),
        round: Set(run.round),
        cursor_id: Set(run.cursor.map(|id| id.uuid())),
        considered: Set(run.considered),
        issued: Set(run.issued),
        skipped: Set(serde_json::to_value(run.skipped)
            .map_err(|error| StoreError::Failed(Box::new(error)))?),
        started_at: Set(run.started_at),
        finished_at: Set(run.finished_at),
    })
}

fn run(row: Model) -> Result<AllotmentRun, StoreError> {
    Ok(AllotmentRun {
        batch_id: VoucherBatchId::from_uuid(row.batch_id),
        starts_at: row.starts_at,
        state: AllotmentState::parse(&row.state).ok_or_else(|| corrupt(TABLE, row.batch_id))?,
        round: row.round,
        cursor: row.cursor_id.map(MembershipId::from_uuid),
        considered: row.considered,
        issued: row.issued,
        skipped: parsed(TABLE, row.batch_id, serde_json::from_value(row.skipped))?,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}
