//! Inboxes.

pub(crate) mod entity;
pub(crate) mod inbox;
