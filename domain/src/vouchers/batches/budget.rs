//! A batch's money and quota are the ledger's budget of the same id; a voucher is what its postings
//! are about.

use crate::kernel::id::{BudgetId, SubjectId, VoucherBatchId, VoucherId};

impl From<VoucherBatchId> for BudgetId {
    fn from(batch: VoucherBatchId) -> Self {
        Self::from_uuid(batch.uuid())
    }
}

impl From<BudgetId> for VoucherBatchId {
    fn from(budget: BudgetId) -> Self {
        Self::from_uuid(budget.uuid())
    }
}

impl From<VoucherId> for SubjectId {
    fn from(voucher: VoucherId) -> Self {
        Self::from_uuid(voucher.uuid())
    }
}

/// What keeps a batch from being closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// Vouchers neither used nor given back.
    pub live: i64,
    pub reserved_fen: i64,
    /// Redemptions and adjustments that no settlement has paid.
    pub unsettled: i64,
    /// Draws and recalls under way.
    pub running: i64,
}
