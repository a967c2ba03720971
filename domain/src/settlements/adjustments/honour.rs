//! A disputed scan that is honoured is paid by an adjustment: vouchers ask, settlements book.

use std::sync::Arc;

use async_trait::async_trait;

use super::adjustment::{Adjustment, AdjustmentRefused, Cause, book_adjustment};
use crate::{
    kernel::{Random, id::AdjustmentId},
    store::Tx,
    vouchers::offline::disputes::ports::{HonouredScan, PaymentRefused, StationPayments},
};

/// Pays stations with a line of their next sheet.
pub struct PaymentsByAdjustment {
    pub random: Arc<dyn Random>,
}

#[async_trait]
impl StationPayments for PaymentsByAdjustment {
    async fn honour(&self, tx: &mut dyn Tx, scan: &HonouredScan) -> Result<(), PaymentRefused> {
        let adjustment = Adjustment {
            id: AdjustmentId::generate(scan.at, &*self.random),
            station_id: scan.station_id,
            batch_id: scan.batch_id,
            amount_fen: scan.amount.get(),
            cause: Cause::DisputedScan(scan.id),
            reason: scan.reason.clone(),
            made_by: scan.by,
            made_at: scan.at,
        };
        Ok(book_adjustment(tx, &adjustment).await?)
    }
}

impl From<AdjustmentRefused> for PaymentRefused {
    fn from(refused: AdjustmentRefused) -> Self {
        match refused {
            AdjustmentRefused::Twice => Self::Twice,
            AdjustmentRefused::NoBudget => Self::NoBudget,
            AdjustmentRefused::Store(error) => Self::Store(error),
        }
    }
}
