//! Campaigns and their sessions: van, place, date, slots with capacities.

pub mod campaign;
pub mod session;
pub mod slot;

pub(crate) mod browse;
pub(crate) mod schedule;
