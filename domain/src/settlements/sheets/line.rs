//! The lines of a sheet, copied at freeze, and their totals.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::id::{AccountId, AdjustmentId, RedemptionId, VoucherBatchId, VoucherId};

/// What a line pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Redemption(RedemptionId),
    Adjustment(AdjustmentId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1, without gaps.
    pub no: i64,
    pub subject: Subject,
    pub batch_id: VoucherBatchId,
    pub voucher_id: Option<VoucherId>,
    /// The meal's business day, or the one on which an adjustment was made.
    pub day: NaiveDate,
    /// Empty for an adjustment.
    pub meal: String,
    /// When it was scanned, or made.
    pub at: DateTime<Utc>,
    /// Who scanned or made it.
    pub account_id: AccountId,
    /// Eaten before the period began: it came too late for its own sheet.
    pub is_late: bool,
    pub price_fen: i64,
    /// What the union pays; negative when an adjustment takes back.
    pub amount_fen: i64,
    pub copay_fen: i64,
    /// An adjustment's reason; otherwise empty.
    pub note: String,
}

impl Line {
    /// What a page goes on from.
    pub fn subject_uuid(&self) -> Uuid {
        match self.subject {
            Subject::Redemption(id) => id.uuid(),
            Subject::Adjustment(id) => id.uuid(),
        }
    }
}

/// Sums over the lines, as the database adds them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    pub redemptions: i64,
    pub redemptions_fen: i64,
    /// How many of the redemptions are late.
    pub late: i64,
    pub copay_fen: i64,
    pub adjustments: i64,
    pub adjustments_fen: i64,
}

impl Totals {
    pub const fn lines(&self) -> i64 {
        self.redemptions + self.adjustments
    }

    /// What the union pays the station; negative when the station owes.
    pub const fn total_fen(&self) -> i64 {
        self.redemptions_fen + self.adjustments_fen
    }
}
