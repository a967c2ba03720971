//! What turns out wrong after a sheet was approved is a line in a later one (invariant V11).

pub mod adjustment;
pub mod honour;

pub(crate) mod adjust;
