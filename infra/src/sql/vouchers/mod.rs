//! Meal vouchers, folder by folder as in `domain`.

pub(crate) mod allotment;
pub(crate) mod batches;
pub(crate) mod claims;
pub(crate) mod codes;
pub(crate) mod collusion;
pub(crate) mod draw;
pub(crate) mod offline;
pub(crate) mod recall;
pub(crate) mod reconciliation;
pub(crate) mod scans;
pub(crate) mod wallet;
