//! Carrying recalls out, a bounded transaction at a time. A process that dies leaves whole rounds
//! behind; another one goes on with what is left.

use serde_json::json;

use super::{Recall, RecallService};
use crate::{
    audit::Deed,
    kernel::{
        DistrictCode,
        id::{AccountId, VoucherId},
    },
    outbox::OutboxEvent,
    store::Tx,
    vouchers::{VoucherError, batches::distribute::batch_of, news},
};

/// How many recalls are looked at in one round.
const RECALLS: u64 = 20;

impl RecallService {
    /// One round of at most `limit` vouchers for each open recall; returns how many, so that a
    /// caller can go on until there are none.
    pub async fn run_open(&self, limit: u64) -> Result<u64, VoucherError> {
        let mut total = 0;
        for recall in self
            .foundation
            .read()
            .await?
            .voucher_recalls()
            .open(RECALLS)
            .await?
        {
            let now = self.foundation.now();
            let mut tx = self.foundation.begin().await?;
            let district = batch_of(&mut *tx, recall.batch_id).await?.district;
            let recalled = self.take_back(&mut *tx, &recall, district, limit).await?;
            if recalled == 0
                && recall.may_finish(now)
                && tx.voucher_recalls().finish(&recall, now).await?
            {
                let deed = Deed::new("voucher_recall.finished", recall.id).within(district);
                tx.audit()
                    .append(deed.by_system("job:voucher_recalls", now, self.foundation.random()))
                    .await?;
            }
            tx.commit().await?;
            total += recalled;
        }
        Ok(total)
    }

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
