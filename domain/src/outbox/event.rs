//! One message on its way: what is said and to whom, not yet in words. `notices/compose.rs` makes
//! them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::id::{AccountId, OutboxEventId};

/// Tries before an event is a dead letter.
pub const MAX_ATTEMPTS: u32 = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    pub id: OutboxEventId,
    pub created_at: DateTime<Utc>,
    /// Which way it is delivered: `inbox`.
    pub kind: String,
    pub recipient: AccountId,
    /// Code of a template. It gets its words when it is delivered.
    pub template: String,
    /// The template's parameters. Nothing secret.
    pub parameters: BTreeMap<String, String>,
    /// TypeID of what it is about.
    pub subject: Option<String>,
    /// Failed tries so far.
    pub attempts: u32,
}

impl OutboxEvent {
    /// When to try again after one more failure: 2, 4, 8 … seconds, an hour at most. `None`: set it
    /// aside.
    pub fn next_try(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let failed = self.attempts + 1;
        (failed < MAX_ATTEMPTS)
            .then(|| now + TimeDelta::seconds(i64::from(2u32.saturating_pow(failed)).min(3_600)))
    }
}
