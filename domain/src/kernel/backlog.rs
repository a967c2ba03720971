//! How much waits for a job, and since when.

use chrono::{DateTime, Utc};

/// Counting ends here, so that looking at a long queue costs no more than looking at a short one.
pub const COUNTED_AT_MOST: u64 = 10_000;

/// What waits at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// [`COUNTED_AT_MOST`] stands for that many or more.
    pub waiting: u64,
    /// When the oldest of those counted came; `None` when nothing waits.
    pub oldest_at: Option<DateTime<Utc>>,
}

impl Backlog {
    /// How long the oldest has waited, in whole seconds; 0 when nothing waits.
    pub fn oldest_seconds(&self, now: DateTime<Utc>) -> u64 {
        self.oldest_at.map_or(0, |oldest_at| {
            u64::try_from((now - oldest_at).num_seconds()).unwrap_or_default()
        })
    }
}
