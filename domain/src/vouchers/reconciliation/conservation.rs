//! The conservation equations of a batch (invariant V12): what the counters say must follow from
//! the rows.

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

/// One equation: the left side must equal the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equation {
    pub name: &'static str,
    pub left: i64,
    pub right: i64,
}

impl Equation {
    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

impl BatchSums {
    pub fn free_fen(&self) -> i64 {
        self.budget_fen - self.reserved_fen - self.spent_fen
    }

    pub fn equations(&self) -> Vec<Equation> {
        let rows = self.live + self.redeemed + self.expired + self.deactivated + self.recalled;
        let equation = |name, left, right| Equation { name, left, right };
        vec![
            equation(
                "issued = live + redeemed + expired + deactivated + recalled",
                self.issued,
                rows,
            ),
            equation("issued = sum of the days", self.issued, self.issued_by_day),
            equation("issued = slots of persons", self.issued, self.slots),
            equation(
                "reserved = ledger",
                self.reserved_fen,
                self.ledger_reserved_fen,
            ),
            equation(
                "spent = ledger + adjustments",
                self.spent_fen,
                self.ledger_spent_fen + self.adjustments_fen,
            ),
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
            equation("overdraft = 0", self.free_fen().min(0), 0),
        ]
    }

    pub fn is_balanced(&self) -> bool {
        self.equations().iter().all(Equation::holds)
    }
}
