//! What approval starts, by the way a batch reaches people: nothing for first come, a draw with its
//! seed, a grant run.

use super::{batch::Batch, rules::Distribution};
use crate::{
    kernel::{Invalid, id::VoucherBatchId},
    store::{StoreError, Tx},
    vouchers::{BatchService, VoucherError, allotment::AllotmentRun, draw::Draw},
};

/// The batch that a draw or a grant run was opened for.
pub(crate) async fn batch_of(tx: &mut dyn Tx, id: VoucherBatchId) -> Result<Batch, StoreError> {
    let batch = tx.voucher_batches().find_many(&[id]).await?.pop();
    batch.ok_or_else(|| StoreError::Corrupt {
        table: "voucher_batches",
        id: id.to_string(),
    })
}

impl BatchService {
    pub(crate) async fn open_distribution(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
    ) -> Result<(), VoucherError> {
        let now = self.foundation.now();
        match batch.rules.distribution {
            Distribution::FirstCome => {}
            Distribution::Draw => {
                let draw =
                    Draw::of(batch, self.foundation.random()).filter(|draw| draw.draw_at > now);
                let over =
                    || Invalid::field("drawAt", "draw_over", "抽签时间已过，请退回修改后再审核");
                tx.draws().add(&draw.ok_or_else(over)?).await?;
            }
            Distribution::Allotment => {
                let starts_at = batch.rules.claims_from.unwrap_or(now);
                tx.allotment_runs()
                    .add(&AllotmentRun::new(batch.id, starts_at))
                    .await?;
            }
        }
        Ok(())
    }
}
