//! Wishes and the claims on them.

pub(crate) mod claims;
pub(crate) mod entity;
pub(crate) mod lists;
pub(crate) mod reports;
pub(crate) mod repository;
pub(crate) mod row;
pub(crate) mod state;
