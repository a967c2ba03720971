//! More or less money.

use serde_json::json;

use super::{adjustable, in_force};
use crate::{
    kernel::{Actor, Fen, Invalid, id::VoucherBatchId},
    vouchers::{
        BatchService, VoucherError,
        batches::{browse::BatchView, rules::BatchRules},
    },
};

impl BatchService {
    pub async fn change_budget(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        current_fen: i64,
        target_fen: i64,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        let mut tx = self.foundation.begin().await?;
        let batch = adjustable(&mut *tx, id, &area, self.foundation.now()).await?;
        let target = checked(&batch.rules, target_fen)?;
        let current = Fen::new(current_fen).unwrap_or_default();
        if !tx.ledger().set_total(id.into(), current, target).await? {
            let budget = in_force(&mut *tx, id).await?;
            return Err(match budget.total {
                in_force if in_force != current => VoucherError::BudgetChanged { in_force },
                _ => VoucherError::BudgetBelowUsed {
                    used: budget.used(),
                },
            });
        }
        let detail = json!({ "fromFen": current.get(), "toFen": target.get() });
        self.adjusted(tx, actor, &batch, "voucher_batch.budget_changed", detail)
            .await
    }
}

fn checked(rules: &BatchRules, target_fen: i64) -> Result<Fen, Invalid> {
    let allowed = rules.budgets().contains(&target_fen);
    let target = Fen::new(target_fen).filter(|_| allowed);
    target.ok_or_else(|| {
        Invalid::field(
            "target",
            "number_out_of_range",
            "预算应不低于一张餐券的面额，不超过一百亿元",
        )
    })
}
