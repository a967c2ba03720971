//! Campaigns, sessions, slots, bookings.

pub(crate) mod bookings;
pub(crate) mod campaigns;
pub(crate) mod entity;
pub(crate) mod rows;
pub(crate) mod sessions;
pub(crate) mod slots;
