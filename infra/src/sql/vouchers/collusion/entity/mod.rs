//! Shapes of the tables, private to the repositories.

pub(crate) mod redemption_suspension;
pub(crate) mod suspension_signal;
