//! The in-process twin of Redis: same ports, one process, nothing to install.

mod entries;
mod limits;
mod values;

pub use entries::MemoryCache;
pub use limits::MemoryRateLimiter;
pub use values::MemoryValues;

use std::time::{Duration, Instant};

/// Anything that lives for its own time in moka.
trait Perishable {
    fn ttl(&self) -> Duration;
}

/// Tells moka to let each value live for its own time from its latest write.
struct OwnTime;

impl<K, V: Perishable> moka::Expiry<K, V> for OwnTime {
    fn expire_after_create(&self, _: &K, value: &V, _: Instant) -> Option<Duration> {
        Some(value.ttl())
    }

    fn expire_after_update(
        &self,
        _: &K,
        value: &V,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.ttl())
    }
}
