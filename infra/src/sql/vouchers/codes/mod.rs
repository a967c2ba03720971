//! Secrets, short codes, burnt steps.

pub(crate) mod entity;
pub(crate) mod repository;
