//! Mobile health checks: campaigns, sessions, slots, bookings.

pub mod error;
pub mod ports;

pub use error::CheckupError;
