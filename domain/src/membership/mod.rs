//! Joining the union in one tap: persons, unions, rosters, routing, review, standing.

pub mod error;
pub mod ports;
pub mod standing;

pub use error::MembershipError;
