//! First answers, kept so that a repeated request gets the same one.

pub(crate) mod entity;
pub(crate) mod keys;
