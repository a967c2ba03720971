//! The vouchers API.
