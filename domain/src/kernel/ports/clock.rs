//! Time as a port: business code asks the clock it was given, so a test can move it.

use chrono::{DateTime, Utc};

/// Tells the time, truncated to microseconds (what both databases keep).
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
}
