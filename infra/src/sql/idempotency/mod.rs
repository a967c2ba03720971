//! First answers.

pub(crate) mod entity;
pub(crate) mod keys;
