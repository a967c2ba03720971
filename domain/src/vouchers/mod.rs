//! Meal vouchers: batches, claims, rotating codes, redemptions.

pub mod error;
pub mod ports;

pub use error::VoucherError;
