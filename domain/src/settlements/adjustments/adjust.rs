//! Adjusting a redemption of an approved sheet: too late to annul, so the difference goes into the
//! next one (V9).

use serde_json::json;

use super::adjustment::{Adjustment, Cause, book_adjustment};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor,
        id::{AdjustmentId, RedemptionId},
        values::text,
    },
    settlements::{SettlementError, SettlementService},
    vouchers::batches::batch::Officer,
};

impl SettlementService {
    /// Without an amount, all that was paid is taken back.
    pub async fn adjust(
        &self,
        actor: &Actor,
        id: RedemptionId,
        amount_fen: Option<i64>,
        reason: &str,
    ) -> Result<Adjustment, SettlementError> {
        let area = actor.require_cadre()?;
        let reason = text::line("reason", reason, 2, 200)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let adjustable = tx
            .adjustments()
            .adjustable(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        let adjustment = Adjustment {
            id: AdjustmentId::generate(now, self.foundation.random()),
            station_id: adjustable.station_id,
            batch_id: adjustable.batch_id,
            amount_fen: adjustable.amount(amount_fen)?,
            cause: Cause::Redemption(id),
            reason,
            made_by: Officer::of(actor),
            made_at: now,
        };
        book_adjustment(&mut *tx, &adjustment).await?;
        let detail =
            json!({ "redemption": id, "fen": adjustment.amount_fen, "reason": adjustment.reason });
        let deed = Deed::new("redemption.adjusted", adjustment.id)
            .within(adjustable.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(adjustment)
    }
}
