//! The system's clock and randomness: the only place that may ask for them.

use chrono::{DateTime, SubsecRound, Utc};
use niangjia_domain::kernel::{Clock, Random};
use rand::{TryRngCore, rngs::OsRng};

/// The operating system's clock, truncated to the microseconds that both databases keep.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(std::time::SystemTime::now()).trunc_subsecs(6)
    }
}

/// The operating system's random generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// Without randomness nothing here is safe, so its absence ends the process.
    fn fill(&self, out: &mut [u8]) {
        if OsRng.try_fill_bytes(out).is_err() {
            tracing::error!("the operating system gives no random bytes");
            std::process::abort();
        }
    }
}
