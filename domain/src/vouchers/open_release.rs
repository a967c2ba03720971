//! What approval starts, by the way a batch reaches people: nothing for first come, a draw with its seed, a grant run.

use super::{VoucherError, VoucherService, batch::Batch, draw::Draw, grant::GrantRun, rules::Release};
use crate::{kernel::Invalid, store::Tx};

impl VoucherService {
    pub(super) async fn open_release(&self, tx: &mut dyn Tx, batch: &Batch) -> Result<(), VoucherError> {
        let now = self.clock.now();
        match batch.rules.release {
            Release::FirstCome => {}
            Release::Draw => {
                let draw = Draw::of(batch, &*self.random).filter(|draw| draw.draw_at > now);
                let over = || Invalid::field("drawAt", "draw_over", "抽签时间已过，请退回修改后再审核");
                tx.draws().add(&draw.ok_or_else(over)?).await?;
            }
            Release::Grant => {
                let starts_at = batch.rules.claims_from.unwrap_or(now);
                tx.grant_runs().add(&GrantRun::new(batch.id, starts_at)).await?;
            }
        }
        Ok(())
    }
}
