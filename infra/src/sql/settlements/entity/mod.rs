//! Shapes of the tables, private to the repositories.

pub(crate) mod settlement;
pub(crate) mod settlement_line;
