//! Conservation of money (V12): total = reserved + spent + free, and what the counters say is the
//! sum of the postings.

/// One equation: the left side must equal the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equation {
    pub name: &'static str,
    pub left: i64,
    pub right: i64,
}

impl Equation {
    pub const fn new(name: &'static str, left: i64, right: i64) -> Self {
        Self { name, left, right }
    }

    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

/// Both sides of one budget, seen at one instant, in fen. Sums over postings may be anything when
/// something is wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Books {
    pub total_fen: i64,
    pub reserved_fen: i64,
    pub spent_fen: i64,
    pub posted_reserved_fen: i64,
    pub posted_spent_fen: i64,
}

impl Books {
    /// Negative where more is used than there is.
    pub const fn free_fen(&self) -> i64 {
        self.total_fen - self.reserved_fen - self.spent_fen
    }

    pub fn equations(&self) -> [Equation; 3] {
        [
            Equation::new(
                "reserved = ledger",
                self.reserved_fen,
                self.posted_reserved_fen,
            ),
            Equation::new("spent = ledger", self.spent_fen, self.posted_spent_fen),
            Equation::new("overdraft = 0", self.free_fen().min(0), 0),
        ]
    }
}
