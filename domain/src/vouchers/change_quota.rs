//! More or fewer vouchers (invariant V5): the caller says what it saw and what it wants; the database compares.

use serde_json::json;

use super::{VoucherError, VoucherService, batch::BatchStatus, review::BatchView};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, Invalid, id::VoucherBatchId},
};

impl VoucherService {
    pub async fn change_quota(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        current: i64,
        target: i64,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        if !(1..=10_000_000).contains(&target) {
            return Err(Invalid::field("target", "number_out_of_range", "发放总量应在 1 到 10000000 张之间").into());
        }
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let batch = tx.voucher_batches().find_within(id, &area).await?.ok_or(AccessError::NotFound)?;
        let status = batch.status(now);
        if !matches!(status, BatchStatus::Running | BatchStatus::Paused) {
            return Err(VoucherError::BatchState(status));
        }
        if !tx.voucher_batches().set_quota(id, current, target).await? {
            let counter =
                tx.voucher_batches().counters(&[id]).await?.into_iter().next().ok_or(AccessError::NotFound)?;
            return Err(match counter.quota {
                in_force if in_force != current => VoucherError::QuotaChanged { in_force },
                _ => VoucherError::QuotaBelowIssued { issued: counter.issued },
            });
        }
        // Grants that stopped for want of it go on.
        tx.grant_runs().go_on(id).await?;
        let deed = Deed::new("voucher_batch.quota_changed", id).within(batch.district);
        let deed = deed.with(json!({ "from": current, "to": target }));
        tx.audit().append(deed.by(actor, now, &*self.random)).await?;
        tx.commit().await?;
        self.gate.forget(id);
        self.batch(actor, id).await
    }
}
