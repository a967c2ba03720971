//! Micro-wishes from draft to thanks, and the donors' claims on them.

pub mod error;
pub mod ports;
pub mod text_check;

pub use error::WishError;
