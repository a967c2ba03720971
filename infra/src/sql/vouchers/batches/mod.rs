//! Batches and their counters.

pub(crate) mod closing;
pub(crate) mod entity;
pub(crate) mod repository;
pub(crate) mod rows;
