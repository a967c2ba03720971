//! Somebody finds a published wish wrong. One report per wish and account.

use chrono::{DateTime, Utc};

use crate::kernel::id::{AccountId, WishId, WishReportId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishReport {
    pub id: WishReportId,
    pub wish_id: WishId,
    pub reporter_id: AccountId,
    pub reason: String,
    pub reported_at: DateTime<Utc>,
}
