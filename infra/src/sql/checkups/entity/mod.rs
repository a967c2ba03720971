//! Shapes of the tables, private to the repositories.

pub(crate) mod checkup_booking;
pub(crate) mod checkup_campaign;
pub(crate) mod checkup_session;
pub(crate) mod checkup_slot;
