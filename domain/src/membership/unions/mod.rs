//! The tree of unions, and the way from a worker to one of them (invariant M10).

pub mod district;
pub mod routing;
pub mod union;

pub(crate) mod found;
pub(crate) mod seed;
