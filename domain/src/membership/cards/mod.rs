//! The member card: a code that changes, and whoever checks it.

pub mod card;

pub(crate) mod check;
