//! What single rows can say against each other, where sums still agree. Each is "… = 0": nothing of
//! the kind is there.

use uuid::Uuid;

use crate::kernel::id::{RedemptionId, VoucherBatchId, VoucherId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// A batch that nothing counts.
    Uncounted,
    /// A voucher whose ledger does not lead to its state: reserved once, spent by its live
    /// redemption, released once.
    LedgerAgainstState,
    /// A voucher that took none of its person's numbered slots.
    WithoutSlot,
    /// A slot with a number above the limit per person (V2).
    SlotBeyondLimit,
    /// A voucher that is used twice at a time (V3).
    TwoLiveRedemptions,
    /// A live redemption that did not take its person's meal (V2).
    WithoutMeal,
    /// A meal taken by a redemption that was annulled.
    MealOfAnnulled,
    /// A recent redemption whose code could be shown again (V6). Only recent ones: used steps were
    /// not always kept for good.
    CodeNotBurnt,
    /// A redemption held without a hold, or not held in spite of one (V15).
    SuspensionAgainstFlag,
    /// A settled redemption that is no line of its sheet with the same amount, or a line that is
    /// not settled (V11).
    LineAgainstState,
    /// A state or kind that its closed list does not know. These rows are written too often for a
    /// foreign key.
    UnknownCode,
}

impl Contradiction {
    pub const ALL: [Self; 11] = [
        Self::Uncounted,
        Self::LedgerAgainstState,
        Self::WithoutSlot,
        Self::SlotBeyondLimit,
        Self::TwoLiveRedemptions,
        Self::WithoutMeal,
        Self::MealOfAnnulled,
        Self::CodeNotBurnt,
        Self::SuspensionAgainstFlag,
        Self::LineAgainstState,
        Self::UnknownCode,
    ];

    pub const fn equation(self) -> &'static str {
        match self {
            Self::Uncounted => "batches without a counter = 0",
            Self::LedgerAgainstState => "vouchers whose ledger contradicts their state = 0",
            Self::WithoutSlot => "vouchers without their person's slot = 0",
            Self::SlotBeyondLimit => "slots beyond the limit per person = 0",
            Self::TwoLiveRedemptions => "vouchers with two live redemptions = 0",
            Self::WithoutMeal => "live redemptions without their person's meal = 0",
            Self::MealOfAnnulled => "meals of annulled redemptions = 0",
            Self::CodeNotBurnt => "recent redemptions whose code is not used = 0",
            Self::SuspensionAgainstFlag => "redemptions whose hold contradicts their flag = 0",
            Self::LineAgainstState => {
                "redemptions whose settlement line contradicts their state = 0"
            }
            Self::UnknownCode => "states and kinds outside their lists = 0",
        }
    }

    /// The row that stands for all of its kind, as people quote it.
    pub fn example(self, row: Uuid) -> String {
        match self {
            Self::Uncounted => VoucherBatchId::from_uuid(row).to_string(),
            Self::LedgerAgainstState
            | Self::WithoutSlot
            | Self::SlotBeyondLimit
            | Self::UnknownCode
            | Self::TwoLiveRedemptions => VoucherId::from_uuid(row).to_string(),
            Self::WithoutMeal
            | Self::MealOfAnnulled
            | Self::CodeNotBurnt
            | Self::SuspensionAgainstFlag
            | Self::LineAgainstState => RedemptionId::from_uuid(row).to_string(),
        }
    }
}

/// Rows that belong to no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stray {
    /// A meal whose redemption does not exist.
    Meal,
    /// A frozen sheet whose totals are not the sum of its lines (V11).
    SheetTotals,
}

impl Stray {
    pub const ALL: [Self; 2] = [Self::Meal, Self::SheetTotals];

    pub const fn equation(self) -> &'static str {
        match self {
            Self::Meal => "meals without any redemption = 0",
            Self::SheetTotals => "settlements whose totals contradict their lines = 0",
        }
    }
}
