//! Devices, packs, uploads, disputes.

pub(crate) mod days;
pub(crate) mod device;
pub(crate) mod devices;
pub(crate) mod disputes;
pub(crate) mod enrolment;
pub(crate) mod entity;
pub(crate) mod packs;
pub(crate) mod uploads;
