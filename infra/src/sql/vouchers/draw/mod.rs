//! Draws and their entries.

pub(crate) mod draws;
pub(crate) mod entity;
pub(crate) mod rows;
