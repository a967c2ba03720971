//! What was spent is corrected afterwards, without a promise before it: more needs room in the
//! budget, less needs something that was spent.

use super::{Entry, Moves};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjust {
    pub entry: Entry,
    /// Signed.
    pub fen: i64,
}

impl Adjust {
    pub const fn moves(&self) -> Moves {
        Moves {
            units: 0,
            reserved_fen: 0,
            spent_fen: self.fen,
        }
    }
}
