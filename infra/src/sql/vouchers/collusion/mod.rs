//! Signals, and redemptions suspended for them.

pub(crate) mod entity;
pub(crate) mod rows;
pub(crate) mod signals;
pub(crate) mod suspend;
pub(crate) mod suspensions;
