//! Seats taken and given back (invariants B1, B2).

pub mod booking;
pub mod consent;

pub(crate) mod book;
pub(crate) mod cancel;
