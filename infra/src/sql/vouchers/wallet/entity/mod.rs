//! Shapes of the tables, private to the repositories.

pub(crate) mod voucher;
