//! A station's scanners: enrolled, revoked, written off.

pub mod device;

pub(crate) mod first_use;
pub(crate) mod register;
pub(crate) mod revoke;
