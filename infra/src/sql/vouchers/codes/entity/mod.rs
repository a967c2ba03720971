//! Shapes of the tables, private to the repositories.

pub(crate) mod secret;
pub(crate) mod short_code;
