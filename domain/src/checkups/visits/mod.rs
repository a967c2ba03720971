//! The day itself: check-in, attendance, completion (invariant B7).

pub mod code;

pub(crate) mod attend;
pub(crate) mod check_in;
pub(crate) mod complete;
pub(crate) mod duty;
