//! Stations and reports about them.

pub(crate) mod entity;
pub(crate) mod repository;
