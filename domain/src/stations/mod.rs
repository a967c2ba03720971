//! Worker stations: where, open now?, what they have.

pub mod error;
pub mod ports;

pub use error::StationError;
