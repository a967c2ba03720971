//! What a device scanned without a network, judged as of when it was made.

pub(crate) mod judge;
pub(crate) mod upload;
