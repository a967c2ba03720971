//! Shapes of the tables, private to the repositories.

pub(crate) mod voucher_batch;
pub(crate) mod voucher_day;
