//! Sheets, their lines, adjustments.

pub(crate) mod adjustments;
pub(crate) mod entity;
pub(crate) mod lines;
pub(crate) mod sheets;
