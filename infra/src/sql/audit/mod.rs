//! The audit trail: entries are added, numbered and chained by hash later.

pub(crate) mod entity;
pub(crate) mod entries;
