//! A donor's claim on a wish, from claim to lapse (invariants W1, W6, W8).

pub mod wish_claim;

pub(crate) mod cancel;
pub(crate) mod claim;
pub(crate) mod dispatch;
pub(crate) mod lapse;
pub(crate) mod remind;
