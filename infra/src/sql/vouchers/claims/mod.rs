//! Issuing vouchers, many in one statement.

pub(crate) mod entity;
pub(crate) mod issue;
pub(crate) mod quota;
pub(crate) mod slots;
