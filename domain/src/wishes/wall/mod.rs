//! What each reader sees of wishes (invariant W5).

pub mod views;

pub(crate) mod gallery;
pub(crate) mod list;
pub(crate) mod show;
