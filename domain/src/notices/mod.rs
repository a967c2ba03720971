//! The inbox: every notice lands there.

pub mod error;
pub mod ports;

pub use error::NoticeError;
