//! A clock that only tests move.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::kernel::Clock;
use niangjia_infra::system::SystemClock;

/// Stands still until it is moved.
#[derive(Debug)]
pub struct WoundClock(AtomicI64);

impl WoundClock {
    /// At the present moment.
    pub fn new() -> Arc<Self> {
        Self::at(SystemClock.now())
    }

    pub fn at(instant: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(instant.timestamp_micros())))
    }

    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(
            by.num_microseconds().expect("a short while"),
            Ordering::SeqCst,
        );
    }

    pub fn set(&self, instant: DateTime<Utc>) {
        self.0.store(instant.timestamp_micros(), Ordering::SeqCst);
    }
}

impl Clock for WoundClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).expect("an instant")
    }
}
