//! Carrying recalls out in rounds.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Recall, RecallService};
use crate::{
    audit::Deed,
    kernel::{
        DistrictCode,
        id::{AccountId, VoucherId},
        rounds::{Rounds, run_due},
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    vouchers::{VoucherError, batches::distribute::batch_of, news},
};

impl RecallService {
    /// One round of at most `limit` vouchers for each open recall; returns how many.
    pub async fn run_open(&self, limit: u64) -> Result<u64, VoucherError> {
        run_due(&self.foundation, self, limit).await
    }
}

#[async_trait]
impl Rounds for RecallService {
    type Run = Recall;
    type Error = VoucherError;

    async fn due(
        &self,
        tx: &mut dyn Tx,
        _now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Recall>, StoreError> {
        tx.voucher_recalls().open(limit).await
    }

    /// Several processes share a recall: each voucher's own row decides, and those that somebody
    /// else is writing are passed over.
    async fn take(&self, _tx: &mut dyn Tx, _recall: &Recall) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn work(
        &self,
        tx: &mut dyn Tx,
        recall: Recall,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, VoucherError> {
        let district = batch_of(tx, recall.batch_id).await?.district;
        let recalled = self.take_back(tx, &recall, district, limit).await?;
        if recalled == 0
            && recall.may_finish(now)
            && tx.voucher_recalls().finish(&recall, now).await?
        {
            let deed = Deed::new("voucher_recall.finished", recall.id).within(district);
            tx.audit()
                .append(deed.by_system("job:voucher_recalls", now, self.foundation.random()))
                .await?;
        }
        Ok(Some(recalled))
    }
}

impl RecallService {
    pub(super) async fn take_back(
        &self,
        tx: &mut dyn Tx,
        recall: &Recall,
        district: DistrictCode,
        limit: u64,
    ) -> Result<u64, VoucherError> {
        let now = self.foundation.now();
        let taken = tx.voucher_recalls().take_back(recall, now, limit).await?;
        if taken.is_empty() {
            return Ok(0);
        }
        let deed = Deed::new("voucher.recalled", recall.id)
            .within(district)
            .with(json!({ "count": taken.len() }));
        tx.audit()
            .append(deed.by_system("job:voucher_recalls", now, self.foundation.random()))
            .await?;
        let told = |(voucher, holder): &(VoucherId, AccountId)| {
            OutboxEvent::to(*holder)
                .template(&news::RECALLED)
                .with("reason", &recall.reason)
                .about(voucher)
                .at(now, self.foundation.random())
        };
        tx.outbox()
            .append_all(taken.iter().map(told).collect())
            .await?;
        Ok(taken.len() as u64)
    }
}
