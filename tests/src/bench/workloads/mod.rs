//! What is measured: one file each, and the storm and the counter that they share.

pub(super) mod claims;
mod counter;
pub(super) mod embedded;
pub(super) mod grown;
pub(super) mod scans;
pub(super) mod storm;
