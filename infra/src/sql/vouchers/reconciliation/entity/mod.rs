//! Shapes of the tables, private to the repositories.

pub(crate) mod reconciliation;
pub(crate) mod reconciliation_difference;
