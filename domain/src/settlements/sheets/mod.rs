//! A station's sheet of a period, from opening to payment.

pub mod line;
pub mod period;
pub mod reach;
pub mod settlement;
pub mod stage;

pub(crate) mod answer;
pub(crate) mod browse;
pub(crate) mod decide;
pub(crate) mod freeze;
pub(crate) mod keep;
pub(crate) mod open;
