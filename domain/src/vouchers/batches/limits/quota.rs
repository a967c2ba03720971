//! More or fewer vouchers.

use serde_json::json;

use super::{adjustable, in_force};
use crate::{
    kernel::{Actor, Invalid, id::VoucherBatchId},
    vouchers::{
        BatchService, VoucherError,
        batches::{
            browse::BatchView,
            rules::{QUOTA_RANGE, QUOTAS},
        },
    },
};

impl BatchService {
    pub async fn change_quota(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        current: i64,
        target: i64,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        if !QUOTAS.contains(&target) {
            return Err(Invalid::field("target", "number_out_of_range", QUOTA_RANGE).into());
        }
        let mut tx = self.foundation.begin().await?;
        let batch = adjustable(&mut *tx, id, &area, self.foundation.now()).await?;
        if !tx.ledger().set_quota(id.into(), current, target).await? {
            let budget = in_force(&mut *tx, id).await?;
            return Err(match budget.quota {
                in_force if in_force != current => VoucherError::QuotaChanged { in_force },
                _ => VoucherError::QuotaBelowIssued {
                    issued: budget.issued,
                },
            });
        }
        let detail = json!({ "from": current, "to": target });
        self.adjusted(tx, actor, &batch, "voucher_batch.quota_changed", detail)
            .await
    }
}
