//! More or less money (invariant V5): the caller says what it saw and what it wants; the database compares.

use serde_json::json;

use super::{VoucherError, VoucherService, batch::BatchStatus, review::BatchView, rules::BatchRules};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, Fen, Invalid, id::VoucherBatchId},
};

impl VoucherService {
    pub async fn change_budget(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        current_fen: i64,
        target_fen: i64,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let batch = tx.voucher_batches().find_within(id, &area).await?.ok_or(AccessError::NotFound)?;
        let status = batch.status(now);
        if !matches!(status, BatchStatus::Running | BatchStatus::Paused) {
            return Err(VoucherError::BatchState(status));
        }
        let target = checked(&batch.rules, target_fen)?;
        let current = Fen::new(current_fen).unwrap_or_default();
        if !tx.voucher_batches().set_budget(id, current, target).await? {
            let counter =
                tx.voucher_batches().counters(&[id]).await?.into_iter().next().ok_or(AccessError::NotFound)?;
            return Err(match counter.budget {
                in_force if in_force != current => VoucherError::BudgetChanged { in_force },
                _ => VoucherError::BudgetBelowUsed { used: counter.budget.saturating_sub(counter.free()) },
            });
        }
        // Grants that stopped for want of it go on.
        tx.grant_runs().go_on(id).await?;
        let deed = Deed::new("voucher_batch.budget_changed", id).within(batch.district);
        let deed = deed.with(json!({ "fromFen": current.get(), "toFen": target.get() }));
        tx.audit().append(deed.by(actor, now, &*self.random)).await?;
        tx.commit().await?;
        self.gate.forget(id);
        self.batch(actor, id).await
    }
}

fn checked(rules: &BatchRules, target_fen: i64) -> Result<Fen, Invalid> {
    let allowed = rules.budgets().contains(&target_fen);
    let target = Fen::new(target_fen).filter(|_| allowed);
    target.ok_or_else(|| Invalid::field("target", "number_out_of_range", "预算应不低于一张餐券的面额，不超过一百亿元"))
}
