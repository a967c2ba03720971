//! Shapes of the tables, private to the repositories.

pub(crate) mod wish;
pub(crate) mod wish_claim;
pub(crate) mod wish_report;
