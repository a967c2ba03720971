//! Niangjia's server and command line.

/// Defaults → file → environment → flags, checked once.
pub mod config;
