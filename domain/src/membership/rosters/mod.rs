//! Lists of expected members, which make joining one tap (invariant M11).

pub mod roster_row;

pub(crate) mod import;
