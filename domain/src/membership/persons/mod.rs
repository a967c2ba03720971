//! Real humans, one per ID number, and the audited look at their data.

pub mod person;

pub(crate) mod reveal;
