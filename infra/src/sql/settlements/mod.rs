//! Sheets, what they take and pay for, adjustments.

pub(crate) mod adjustments;
pub(crate) mod entity;
pub(crate) mod lines;
pub(crate) mod payable;
pub(crate) mod sheets;
