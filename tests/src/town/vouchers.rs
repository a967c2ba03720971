//! Batches by maker and checker, and their holders.

use niangjia_domain::{
    kernel::{
        Actor, Clock,
        id::{VoucherBatchId, VoucherId},
    },
    vouchers::{
        DecisionInput, VoucherError, VoucherView, batches::rules::NewBatch,
        reconciliation::conservation::BatchSums,
    },
};

use super::{Town, bearer};
use crate::{actors::once, rows};

impl Town {
    /// 100 vouchers of ¥15, two a person, at any hour, for the station.
    pub fn new_batch(&self) -> NewBatch {
        rows::new_batch(self.station.id, self.clock.now())
    }

    /// Drafted, submitted, approved.
    pub async fn running(&self, new: NewBatch) -> VoucherBatchId {
        let batches = &self.services.vouchers.batches;
        let id = batches.draft(&self.maker, new).await.unwrap().batch.id;
        batches.submit(&self.maker, id).await.unwrap();
        let decided = batches.decide(&self.checker, id, DecisionInput::Approve);
        decided.await.unwrap();
        id
    }

    pub async fn claim(
        &self,
        worker: &Actor,
        batch: VoucherBatchId,
    ) -> Result<VoucherView, VoucherError> {
        let claims = &self.services.vouchers.claims;
        let claimed = claims.claim(bearer(worker), once(worker), batch).await?;
        Ok(claimed.value)
    }

    /// A new member with one voucher of the batch.
    pub async fn holder(&self, batch: VoucherBatchId) -> (Actor, VoucherId) {
        let worker = self.worker().await;
        let voucher = self.claim(&worker, batch).await.unwrap().voucher.id;
        (worker, voucher)
    }

    /// What the holder's phone shows now.
    pub async fn payload(&self, worker: &Actor, voucher: VoucherId) -> String {
        let code = self
            .services
            .vouchers
            .codes
            .show_code(worker, voucher)
            .await;
        code.unwrap().payload
    }

    pub async fn tally(&self, batch: VoucherBatchId) -> BatchSums {
        let batches = &self.services.vouchers.batches;
        batches.conservation(&self.checker, batch).await.unwrap()
    }

    /// The tally, after checking that it balances.
    pub async fn balanced(&self, batch: VoucherBatchId) -> BatchSums {
        let tally = self.tally(batch).await;
        assert!(tally.is_balanced(), "{:?}", tally.equations());
        tally
    }
}
