//! Secrets, short codes, used steps.

pub(crate) mod entity;
pub(crate) mod repository;
