//! A spending is taken back and the promise stands again. Its sequence is that of the spending.

use super::{Entry, Moves};
use crate::kernel::Fen;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reverse {
    pub entry: Entry,
    pub amount: Fen,
}

impl Reverse {
    pub const fn moves(&self) -> Moves {
        Moves {
            units: 0,
            reserved_fen: self.amount.get(),
            spent_fen: -self.amount.get(),
        }
    }
}
