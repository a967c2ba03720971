//! The figures of a batch that change with every voucher.

use crate::kernel::{Fen, id::VoucherBatchId};

/// The batch's turnstile: one narrow row that every claim passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    pub batch_id: VoucherBatchId,
    /// Whether claims pass at all; follows the batch's state in the same transaction.
    pub open: bool,
    pub quota: i64,
    pub issued: i64,
    pub budget: Fen,
    pub reserved: Fen,
    pub spent: Fen,
}

impl Counter {
    pub fn free(&self) -> Fen {
        self.budget
            .saturating_sub(self.reserved)
            .saturating_sub(self.spent)
    }

    /// How many more vouchers of this face value fit.
    pub fn room_for(&self, face_value: Fen) -> i64 {
        (self.quota - self.issued).min(self.free().get() / face_value.get().max(1))
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
