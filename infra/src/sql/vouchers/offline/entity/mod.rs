//! Shapes of the tables, private to the repositories.

pub(crate) mod disputed_scan;
pub(crate) mod station_device;
