//! Mobile health checks: a campaign sends vans (sessions) to places, each with slots of seats that
//! workers book.
//!
//! Refuses: a seat too many (B1), a second live booking in a campaign or a second check in a year
//! (B2), a code that is forged, stale or another session's (B7).

pub mod bookings;
pub mod error;
pub mod ports;
pub mod sessions;
pub mod view;
pub mod visits;

pub mod news;

#[cfg(test)]
mod fixtures;

pub use bookings::book::{BookSeat, Ticket};
pub use error::CheckupError;
pub use sessions::browse::{BrowseSessions, SessionView, SlotView};
pub use view::BookingView;
pub use visits::attend::{Attendance, Counts, SlotAttendance};
pub use visits::check_in::{CheckIn, CheckInReceipt, CheckInView};
pub use visits::code::CheckInCodes;

use crate::kernel::Foundation;

/// Use cases of health checks.
#[derive(Clone)]
pub struct CheckupService {
    pub foundation: Foundation,
    pub codes: CheckInCodes,
}
