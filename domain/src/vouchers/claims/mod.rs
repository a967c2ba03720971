//! Claiming: many claims in one transaction, decided by the database (invariants V1, V2).

pub(crate) mod claim;
pub(crate) mod group;
pub(crate) mod notice;
pub(crate) mod offers;
pub(crate) mod outcome;
pub(crate) mod sold_out;
pub(crate) mod steps;
