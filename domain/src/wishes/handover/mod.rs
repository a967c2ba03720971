//! The parcel at the station: arrival, pick-up code, handover, thanks (invariant W7).

pub mod pickup;

pub(crate) mod arrive;
pub(crate) mod hand_over;
pub(crate) mod thank;
