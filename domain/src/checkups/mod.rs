//! Mobile health checks: a campaign sends vans (sessions) to places, each with slots of seats that
//! workers book.
//!
//! Refuses: a seat too many (B1), a second live booking in a campaign or a second check in a year
//! (B2), a code that is forged, stale or another session's (B7).

pub mod booking;
pub mod campaign;
pub mod code;
pub mod consent;
pub mod error;
pub mod ports;
pub mod session;
pub mod slot;
pub mod view;

mod attend;
mod book;
mod browse;
mod cancel;
mod check_in;
mod complete;
mod duty;
#[cfg(test)]
mod fixtures;
mod notify;
mod schedule;

use std::sync::Arc;

pub use attend::{Attendance, Counts, SlotAttendance};
pub use book::{BookSeat, Ticket};
pub use browse::{BrowseSessions, SessionView, SlotView};
pub use check_in::{CheckIn, CheckInReceipt, CheckInView};
pub use code::CheckInCodes;
pub use error::CheckupError;
pub use view::BookingView;

use crate::{
    kernel::{Clock, Random},
    store::Store,
};

/// Use cases of health checks.
#[derive(Clone)]
pub struct CheckupService {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub codes: CheckInCodes,
}
