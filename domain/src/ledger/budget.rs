//! A budget and its counters. Whatever happens: 0 ≤ issued ≤ quota, nothing is negative, reserved +
//! spent ≤ total.

use super::postings::Moves;
use crate::kernel::{Fen, id::BudgetId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    pub id: BudgetId,
    /// Whether anything new may be reserved; what is reserved moves on either way.
    pub open: bool,
    /// How many things may be promised from it.
    pub quota: i64,
    /// How many were; a release does not bring one back.
    pub issued: i64,
    pub total: Fen,
    pub reserved: Fen,
    pub spent: Fen,
}

/// Why a budget does not take a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("nothing new is reserved at present")]
    Shut,
    /// Quota or total.
    #[error("no room in the budget")]
    NoRoom,
    /// More would leave a counter than is in it.
    #[error("a counter below zero")]
    BelowZero,
}

impl Budget {
    /// Shut, with nothing moved yet.
    pub const fn new(id: BudgetId, quota: i64, total: Fen) -> Self {
        Self {
            id,
            open: false,
            quota,
            issued: 0,
            total,
            reserved: Fen::ZERO,
            spent: Fen::ZERO,
        }
    }

    /// Neither reserved nor spent.
    pub fn free(&self) -> Fen {
        self.total.saturating_sub(self.used())
    }

    /// Reserved or spent: no total may be set below it.
    pub fn used(&self) -> Fen {
        let used = self.reserved.get().saturating_add(self.spent.get());
        Fen::new(used).unwrap_or_default()
    }

    /// How many more things of this amount fit.
    pub fn room_for(&self, amount: Fen) -> i64 {
        (self.quota - self.issued).min(self.free().get() / amount.get().max(1))
    }

    /// The counters after these moves: the rule that the database's guard repeats.
    pub(super) fn after(&self, moves: Moves) -> Result<Self, Refused> {
        let sum = |counter: i64, moved: i64| counter.checked_add(moved).ok_or(Refused::NoRoom);
        let counter =
            |counter: Fen, moved| Fen::new(sum(counter.get(), moved)?).ok_or(Refused::BelowZero);
        let after = Self {
            issued: sum(self.issued, moves.units)?,
            reserved: counter(self.reserved, moves.reserved_fen)?,
            spent: counter(self.spent, moves.spent_fen)?,
            ..*self
        };
        let used = sum(after.reserved.get(), after.spent.get())?;
        match () {
            () if moves.units > 0 && !self.open => Err(Refused::Shut),
            () if after.issued < 0 => Err(Refused::BelowZero),
            () if after.issued > self.quota || used > self.total.get() => Err(Refused::NoRoom),
            () => Ok(after),
        }
    }
}
