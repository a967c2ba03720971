//! Sums and contradictions of the books.

pub(crate) mod checks;
pub(crate) mod entity;
pub(crate) mod runs;
pub(crate) mod sums;
