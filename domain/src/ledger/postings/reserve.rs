//! Free money is promised. Only an open budget takes it, and only while both quota and total have
//! room (V1).

use super::{Entry, Moves};
use crate::kernel::Fen;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserve {
    pub entry: Entry,
    pub amount: Fen,
}

impl Reserve {
    pub const fn moves(&self) -> Moves {
        Moves {
            units: 1,
            reserved_fen: self.amount.get(),
            spent_fen: 0,
        }
    }
}
