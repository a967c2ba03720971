//! The conservation equations of a batch (invariant V12): what the counters say must follow from
//! the rows.

use crate::ledger::conservation::Books;
pub use crate::ledger::conservation::Equation;

/// Both sides, seen at one instant. Money in fen; sums over rows may be negative when something is
/// wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchSums {
    pub issued: i64,
    /// Issued and not yet void.
    pub live: i64,
    pub redeemed: i64,
    pub expired: i64,
    pub deactivated: i64,
    pub recalled: i64,
    /// Sum over the business days.
    pub issued_by_day: i64,
    /// Numbered slots of persons.
    pub slots: i64,
    pub budget_fen: i64,
    pub reserved_fen: i64,
    pub spent_fen: i64,
    pub ledger_reserved_fen: i64,
    pub ledger_spent_fen: i64,
    /// Sum of the amounts of live redemptions.
    pub redemptions_fen: i64,
    pub live_redemptions: i64,
    /// Sum of all adjustments, settled or not; may be negative.
    pub adjustments_fen: i64,
    /// Sum of the amounts of settled redemptions.
    pub settled_fen: i64,
    /// Sum of the adjustments that belong to a settlement.
    pub settled_adjustments_fen: i64,
    /// Sums of the settlements' lines of either kind.
    pub redemption_lines_fen: i64,
    pub adjustment_lines_fen: i64,
}

impl BatchSums {
    pub fn free_fen(&self) -> i64 {
        self.books().free_fen()
    }

    /// The batch's budget, as the engine looks at it.
    fn books(&self) -> Books {
        Books {
            total_fen: self.budget_fen,
            reserved_fen: self.reserved_fen,
            spent_fen: self.spent_fen,
            posted_reserved_fen: self.ledger_reserved_fen,
            posted_spent_fen: self.ledger_spent_fen,
        }
    }

    pub fn equations(&self) -> Vec<Equation> {
        let rows = self.live + self.redeemed + self.expired + self.deactivated + self.recalled;
        let equation = Equation::new;
        let vouchers = [
            equation(
                "issued = live + redeemed + expired + deactivated + recalled",
                self.issued,
                rows,
            ),
            equation("issued = sum of the days", self.issued, self.issued_by_day),
            equation("issued = slots of persons", self.issued, self.slots),
        ];
        let redemptions = [
            equation(
                "spent = live redemptions + adjustments",
                self.spent_fen,
                self.redemptions_fen + self.adjustments_fen,
            ),
            equation(
                "redeemed = live redemptions",
                self.redeemed,
                self.live_redemptions,
            ),
            equation(
                "settled redemptions = settlement lines",
                self.settled_fen,
                self.redemption_lines_fen,
            ),
            equation(
                "settled adjustments = settlement lines",
                self.settled_adjustments_fen,
                self.adjustment_lines_fen,
            ),
        ];
        vouchers
            .into_iter()
            .chain(self.books().equations())
            .chain(redemptions)
            .collect()
    }

    pub fn is_balanced(&self) -> bool {
        self.equations().iter().all(Equation::holds)
    }
}
