//! What is to be delivered.

pub(crate) mod entity;
pub(crate) mod events;
