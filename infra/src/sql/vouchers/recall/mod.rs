//! Orders to take vouchers back.

pub(crate) mod entity;
pub(crate) mod recalls;
