//! The inbox: every notice lands there (invariant N1), put there by the outbox dispatcher after the
//! change it reports has succeeded. Nobody reads another account's inbox.

pub mod error;
pub mod notice;
pub mod ports;

mod read;
mod tidy;

use crate::kernel::Foundation;

pub use error::NoticeError;
pub use notice::Notice;

/// Use cases of the inbox.
#[derive(Clone)]
pub struct NoticeService {
    pub foundation: Foundation,
}
