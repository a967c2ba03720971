//! Persons, unions, rosters, memberships, consents.

pub(crate) mod applications;
pub(crate) mod consents;
pub(crate) mod entity;
pub(crate) mod memberships;
pub(crate) mod persons;
pub(crate) mod rosters;
pub(crate) mod rows;
pub(crate) mod unions;
