//! Photos on their way from a phone to the private object store.

pub mod error;
pub mod objects;
pub mod ports;

pub use error::UploadError;
