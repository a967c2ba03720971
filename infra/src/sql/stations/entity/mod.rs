//! Shapes of the tables, private to the repositories.

pub(crate) mod station;
pub(crate) mod station_report;
