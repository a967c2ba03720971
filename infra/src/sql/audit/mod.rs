//! The audit trail.

pub(crate) mod entity;
pub(crate) mod entries;
