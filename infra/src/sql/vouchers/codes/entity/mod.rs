//! Shapes of the tables, private to the repositories.

pub(crate) mod voucher_secret;
pub(crate) mod voucher_short_code;
