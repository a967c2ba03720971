//! Redemptions and refused scans.

pub(crate) mod accept;
pub(crate) mod entity;
pub(crate) mod redemptions;
