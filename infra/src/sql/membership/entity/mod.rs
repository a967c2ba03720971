//! Shapes of the tables, private to the repositories.

pub(crate) mod consent;
pub(crate) mod district;
pub(crate) mod membership;
pub(crate) mod person;
pub(crate) mod roster_row;
pub(crate) mod union;
