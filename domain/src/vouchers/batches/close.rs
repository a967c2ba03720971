//! Closing the books of a batch that is over: only when nothing is left to use, to give back or to
//! settle.

use super::browse::BatchView;
use crate::{
    kernel::{AccessError, Actor, id::VoucherBatchId},
    vouchers::{BatchService, VoucherError},
};

impl BatchService {
    /// `stopped` or `ended` → `closed`; nothing changes afterwards.
    pub async fn close(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        let mut tx = self.foundation.begin().await?;
        let before = tx
            .voucher_batches()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        let after = before.clone().close(self.foundation.now())?;
        if !tx.voucher_batches().shut_for_good(id).await? {
            let unfinished = tx
                .voucher_batches()
                .unfinished(id)
                .await?
                .ok_or(AccessError::NotFound)?;
            return Err(VoucherError::BatchUnfinished(unfinished));
        }
        if !tx.voucher_batches().save(&before, &after).await? {
            return Err(VoucherError::ChangedMeanwhile);
        }
        self.note(&mut *tx, actor, &after, "voucher_batch.closed")
            .await?;
        tx.commit().await?;
        self.batch(actor, id).await
    }
}
