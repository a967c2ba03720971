//! Vouchers as their holders have them.

pub(crate) mod entity;
pub(crate) mod postings;
pub(crate) mod vouchers;
