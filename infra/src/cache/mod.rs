//! Redis, and its in-process twin. Both implement the kernel's `Cache`, `SharedValues` and
//! `RateLimiter`.
//!
//! Invariant: a hit was stored under the generation that is current *now*. Entries carry the
//! generation their reader saw before it loaded, so whatever was loaded before a change is
//! invisible after it, however late it is stored.

/// One load per key and process.
mod flight;
/// moka and governor: the embedded default.
pub mod memory;
/// One Redis shared by all processes.
pub mod redis;
/// Personal subjects become keyed hashes before they leave the process.
mod subject;

pub use memory::{MemoryCache, MemoryRateLimiter, MemoryValues};
pub use redis::{RedisCache, RedisLink, RedisRateLimiter, RedisSettings, RedisValues};
pub use subject::SubjectKeys;

use std::time::Duration;

use niangjia_domain::kernel::{Random, ports::random};

/// `ttl` ± 10 %, so that what was stored together does not expire together.
fn spread(ttl: Duration, random: &dyn Random) -> Duration {
    let [byte] = random::bytes::<1>(random);
    ttl.mul_f64(0.9 + 0.2 * f64::from(byte) / 255.0)
}
