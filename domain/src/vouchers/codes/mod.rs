//! The code that a holder shows (invariant V6).

pub mod code;
pub mod day_token;

pub(crate) mod show;
