//! Secrets, short codes, used steps.

pub(crate) mod entity;
pub(crate) mod repository;
pub(crate) mod secrets;
pub(crate) mod short_codes;
