//! Accounts, credentials, sessions, grants, invitations.

pub(crate) mod accounts;
pub(crate) mod credentials;
pub(crate) mod entity;
pub(crate) mod grant_columns;
pub(crate) mod grants;
pub(crate) mod invitations;
pub(crate) mod sessions;
pub(crate) mod sign_in_failures;
