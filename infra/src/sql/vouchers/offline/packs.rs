//! What scan packs are made of.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::{VoucherBatchId, VoucherId},
    store::StoreError,
    vouchers::{
        batches::batch::Batch,
        offline::ports::{PackSecret, ScanPackRepository},
    },
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Query, SelectStatement},
};
use uuid::Uuid;

use crate::sql::{
    db::{error::store_error, store::SqlTx},
    vouchers::{
        batches::{entity, rows::batch},
        codes::entity::secret,
        wallet::entity::voucher,
    },
};

#[async_trait]
impl ScanPackRepository for SqlTx {
    async fn usable(
        &mut self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Batch>, StoreError> {
        use entity::batch::{Column, Entity};
        let query = Entity::find()
            .filter(Column::State.is_in(["running", "stopped"]))
            .filter(Column::ValidTo.gt(from))
            .order_by_asc(Column::Id);
        let batches: Vec<Batch> = query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(batch)
            .collect::<Result<_, _>>()?;
        Ok(batches
            .into_iter()
            .filter(|batch| batch.rules.valid_from < until)
            .collect())
    }

    async fn secrets_of(
        &mut self,
        batches: &[VoucherBatchId],
        after: Option<VoucherId>,
        limit: u64,
    ) -> Result<(Vec<PackSecret>, Option<VoucherId>), StoreError> {
        use voucher::{Column, Entity};
        let unused = Entity::find()
            .filter(Column::BatchId.is_in(batches.iter().map(|id| id.uuid())))
            .filter(Column::State.eq("issued"))
            .apply_if(after, |query, after| {
                query.filter(Column::Id.gt(after.uuid()))
            })
            .order_by_asc(Column::Id)
            .limit(limit);
        let vouchers = unused.all(&self.db()).await.map_err(store_error)?;
        let Some(last) = vouchers.last().map(|voucher| voucher.id) else {
            return Ok((Vec::new(), None));
        };
        let is_full = u64::try_from(vouchers.len()).is_ok_and(|count| count == limit);
        let rows = self.secrets_between(batches, vouchers[0].id, last).await?;
        let batch_of = |id: Uuid| {
            vouchers
                .binary_search_by_key(&id, |row| row.id)
                .ok()
                .map(|at| vouchers[at].batch_id)
        };
        let mut secrets = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(batch) = batch_of(row.voucher_id) else {
                continue;
            };
            let ((voucher_id, device_no), secret) = self.secret(row)?;
            secrets.push(PackSecret {
                batch_id: VoucherBatchId::from_uuid(batch),
                voucher_id,
                device_no,
                secret,
            });
        }
        Ok((secrets, is_full.then(|| VoucherId::from_uuid(last))))
    }
}

impl SqlTx {
    async fn secrets_between(
        &self,
        batches: &[VoucherBatchId],
        first: Uuid,
        last: Uuid,
    ) -> Result<Vec<secret::Model>, StoreError> {
        use secret::{Column, Entity};
        let unused: SelectStatement = Query::select()
            .column(voucher::Column::Id)
            .from(voucher::Entity)
            .and_where(voucher::Column::BatchId.is_in(batches.iter().map(|id| id.uuid())))
            .and_where(voucher::Column::State.eq("issued"))
            .and_where(voucher::Column::Id.between(first, last))
            .take();
        let query = Entity::find()
            .filter(Column::VoucherId.in_subquery(unused))
            .filter(Column::RetiredAt.is_null())
            .order_by_asc(Column::VoucherId)
            .order_by_asc(Column::DeviceNo);
        query.all(&self.db()).await.map_err(store_error)
    }
}
