//! Shapes of the tables, private to the repositories.

pub(crate) mod redemption_hold;
pub(crate) mod redemption_hold_signal;
