//! Shapes of the tables, private to the repositories.

pub(crate) mod account;
pub(crate) mod account_grant;
pub(crate) mod credential;
pub(crate) mod invitation;
pub(crate) mod session;
