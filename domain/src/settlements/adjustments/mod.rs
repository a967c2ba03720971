//! What turns out wrong after a sheet was approved is a line in a later one (invariant V11).

pub mod adjustment;

pub(crate) mod adjust;
