//! One message in somebody's inbox.

use chrono::{DateTime, Utc};

use crate::kernel::id::{AccountId, NoticeId};

#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The uuid of the event it came from: a second delivery meets the primary key and changes
    /// nothing.
    pub id: NoticeId,
    pub recipient: AccountId,
    /// Code of the template it was written from: `wish_published`.
    pub topic: String,
    pub title: String,
    pub body: String,
    /// TypeID of what it is about.
    pub subject: Option<String>,
    /// When it happened, not when it was delivered.
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}
