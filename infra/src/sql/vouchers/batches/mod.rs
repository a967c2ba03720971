//! Batches, their days and how they close.

pub(crate) mod closing;
pub(crate) mod entity;
pub(crate) mod repository;
pub(crate) mod rows;
