//! Recalls. A voucher's own row decides between a recall and a scan; vouchers that are being
//! written at this moment are passed over, so that a recall neither waits for a storm of scans nor
//! deadlocks with one.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, PersonId, VoucherBatchId, VoucherId, VoucherRecallId},
    },
    store::StoreError,
    vouchers::recall::{Recall, ports::VoucherRecallRepository},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};
use uuid::Uuid;

use super::entity::voucher_recall::{ActiveModel, Column, Entity, Model};
use crate::sql::{
    db::{error::store_error, store::SqlTx},
    vouchers::wallet::{entity::voucher, postings::release_of_voucher},
};

/// Vouchers that a recall means: unused, good, issued before it. `$1` batch, `$2` the order's time,
/// `$3` now.
const MEANT: &str = "batch_id = $1 AND state = 'issued' AND issued_at <= $2 AND valid_to > $3";

#[async_trait]
impl VoucherRecallRepository for SqlTx {
    async fn add(&mut self, recall: &Recall) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(recall.id.uuid()),
            batch_id: Set(recall.batch_id.uuid()),
            person_id: Set(recall.person_id.map(|id| id.uuid())),
            reason: Set(recall.reason.clone()),
            ordered_by: Set(recall.ordered_by.uuid()),
            ordered_at: Set(recall.ordered_at),
            recalled: Set(recall.recalled),
            finished_at: Set(recall.finished_at),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list(
        &mut self,
        batch: VoucherBatchId,
        page: PageRequest,
    ) -> Result<Page<Recall>, StoreError> {
        let query = Entity::find().filter(Column::BatchId.eq(batch.uuid()));
        Ok(self
            .page(query, Column::Id, page, |row| row.id)
            .await?
            .map(recall))
    }

    async fn open(&mut self, limit: u64) -> Result<Vec<Recall>, StoreError> {
        let query = Entity::find()
            .filter(Column::FinishedAt.is_null())
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(recall)
            .collect())
    }

    async fn take_back(
        &mut self,
        recall: &Recall,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<(VoucherId, AccountId)>, StoreError> {
        let skip = if self.backend() == DbBackend::Postgres {
            "FOR UPDATE SKIP LOCKED"
        } else {
            ""
        };
        let (whose, values) = meant(recall, now);
        let sql = format!(
            "UPDATE vouchers SET state = 'recalled' WHERE state = 'issued' AND id IN (\
               SELECT id FROM vouchers WHERE {MEANT} {whose} LIMIT {limit} {skip}) RETURNING *"
        );
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        let (mut taken, mut releases) = (
            Vec::with_capacity(rows.len()),
            Vec::with_capacity(rows.len()),
        );
        for row in rows {
            let row = voucher::Model::from_query_result(&row, "").map_err(store_error)?;
            taken.push((
                VoucherId::from_uuid(row.id),
                AccountId::from_uuid(row.account_id),
            ));
            releases.push(release_of_voucher(&row, now)?);
        }
        if !releases.is_empty() {
            self.release(&releases).await?;
            self.count_recalled(recall.id.uuid(), releases.len())
                .await?;
        }
        Ok(taken)
    }

    async fn finish(&mut self, recall: &Recall, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let (whose, mut values) = meant(recall, now);
        values.push(recall.id.uuid().into());
        let number = values.len();
        let sql = format!(
            "UPDATE voucher_recalls SET finished_at = $3 WHERE id = ${number} AND finished_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM vouchers WHERE {MEANT} {whose})"
        );
        Ok(self.run(&sql, values).await? > 0)
    }
}

impl SqlTx {
    async fn count_recalled(&self, recall: Uuid, count: usize) -> Result<(), StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let sql = "UPDATE voucher_recalls SET recalled = recalled + $2 WHERE id = $1";
        self.run(sql, [recall.into(), count.into()]).await?;
        Ok(())
    }
}

/// The rest of the condition, and what is bound to all of it.
fn meant(recall: &Recall, now: DateTime<Utc>) -> (&'static str, Vec<Value>) {
    let mut values = vec![
        recall.batch_id.uuid().into(),
        recall.ordered_at.into(),
        now.into(),
    ];
    match recall.person_id {
        Some(person) => {
            values.push(person.uuid().into());
            ("AND person_id = $4", values)
        }
        None => ("", values),
    }
}

fn recall(row: Model) -> Recall {
    Recall {
        id: VoucherRecallId::from_uuid(row.id),
        batch_id: VoucherBatchId::from_uuid(row.batch_id),
        person_id: row.person_id.map(PersonId::from_uuid),
        reason: row.reason,
        ordered_by: AccountId::from_uuid(row.ordered_by),
        ordered_at: row.ordered_at,
        recalled: row.recalled,
        finished_at: row.finished_at,
    }
}
