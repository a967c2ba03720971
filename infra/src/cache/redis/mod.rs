//! Redis, asked for speed and never for truth. While it is away every question is answered at once
//! from elsewhere.

mod entries;
mod limits;
mod link;
mod settings;
mod values;

pub use entries::RedisCache;
pub use limits::RedisRateLimiter;
pub use link::RedisLink;
pub use settings::RedisSettings;
pub use values::RedisValues;

use std::time::Duration;

/// For `PX`, which refuses zero.
fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
