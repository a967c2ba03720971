//! Photos on their way.

pub(crate) mod entity;
pub(crate) mod repository;
