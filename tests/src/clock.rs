//! A clock that tests move.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::kernel::Clock;
use niangjia_infra::system::SystemClock;

/// Starts now and stands still until it is moved.
#[derive(Debug)]
pub struct MovableClock(Mutex<DateTime<Utc>>);

impl MovableClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(SystemClock.now())))
    }

    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().expect("no test panics while it holds the clock") += by;
    }
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("no test panics while it holds the clock")
    }
}
