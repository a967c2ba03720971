//! A promise ends, whole or in part, and its money is free again. The unit is not: what was issued
//! once counts for good.

use super::{Entry, Moves};
use crate::kernel::Fen;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    pub entry: Entry,
    pub amount: Fen,
}

impl Release {
    pub const fn moves(&self) -> Moves {
        Moves {
            units: 0,
            reserved_fen: -self.amount.get(),
            spent_fen: 0,
        }
    }
}
