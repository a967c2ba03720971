//! Uploaded scans that do not add up, and a cadre's word on each.

pub mod dispute;
pub mod tell;

pub(crate) mod resolve;
