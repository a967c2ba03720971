//! What a device scanned without a network, judged as of when it was made.

pub(crate) mod item;
pub(crate) mod judge;
pub(crate) mod receive;
pub(crate) mod upload;
