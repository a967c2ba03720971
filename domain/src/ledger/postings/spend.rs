//! A promise is kept: what was reserved is spent. The sum of both stays, so it needs no room; what
//! a cheaper one leaves stays reserved until it is released.

use super::{Entry, Moves};
use crate::kernel::Fen;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spend {
    pub entry: Entry,
    pub amount: Fen,
}

impl Spend {
    pub const fn moves(&self) -> Moves {
        Moves {
            units: 0,
            reserved_fen: -self.amount.get(),
            spent_fen: self.amount.get(),
        }
    }
}
