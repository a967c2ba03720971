//! Shapes of the tables, private to the repositories.

pub(crate) mod booking;
pub(crate) mod campaign;
pub(crate) mod session;
pub(crate) mod slot;
