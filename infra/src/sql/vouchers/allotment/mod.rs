//! Runs that give vouchers by rule.

pub(crate) mod entity;
pub(crate) mod runs;
