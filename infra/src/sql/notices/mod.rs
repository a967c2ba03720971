//! Inboxes of accounts, and what has been read in them.

pub(crate) mod entity;
pub(crate) mod inbox;
