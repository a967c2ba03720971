//! Templates, and the inbox where every notice lands (invariant N1), put there by the outbox's
//! dispatcher after the change it reports has succeeded. Nobody reads another account's inbox, and
//! nothing secret stands in one: a code is read from the thing that it opens.

pub mod compose;
pub mod error;
pub mod inbox;
pub mod notice;
pub mod ports;
pub mod template;

mod read;
mod tidy;

use crate::kernel::Foundation;

pub use compose::{Draft, Recipient};
pub use error::NoticeError;
pub use inbox::{INBOX, InboxDelivery};
pub use notice::Notice;
pub(crate) use template::templates;
pub use template::{Parameters, Template, Templates, Unwritable};

/// Use cases of the inbox.
#[derive(Clone)]
pub struct NoticeService {
    pub foundation: Foundation,
}
