//! Signals, and redemptions suspended for them.

pub(crate) mod entity;
pub(crate) mod figures;
pub(crate) mod payable;
pub(crate) mod rows;
pub(crate) mod rule;
pub(crate) mod signals;
pub(crate) mod suspend;
pub(crate) mod suspension;
pub(crate) mod suspensions;
