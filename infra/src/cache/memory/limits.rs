//! `RateLimiter` in this process, by governor. Also what Redis' limiter falls back to.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use governor::{
    DefaultKeyedRateLimiter,
    clock::{Clock as _, DefaultClock},
};
use niangjia_domain::kernel::ports::cache::{Quota, RateLimiter};

/// Subjects that have long been quiet are forgotten every so many checks.
const CHECKS_BETWEEN_SWEEPS: u64 = 4096;

type Limiter = Arc<DefaultKeyedRateLimiter<String>>;

/// One governor per distinct quota; a handful in all.
#[derive(Default)]
pub struct MemoryRateLimiter {
    limiters: Mutex<HashMap<(NonZeroU32, NonZeroU32), Limiter>>,
    checks: AtomicU64,
}

impl MemoryRateLimiter {
    /// Counts one call of `key`; `Err(wait)` when it is too many.
    pub fn count(&self, key: &str, quota: Quota) -> Result<(), Duration> {
        let limiter = self.limiter(quota);
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_BETWEEN_SWEEPS
            == CHECKS_BETWEEN_SWEEPS - 1
        {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter
            .check_key(&key.to_owned())
            .map_err(|early| early.wait_time_from(DefaultClock::default().now()))
    }

    fn limiter(&self, quota: Quota) -> Limiter {
        let burst = NonZeroU32::new(quota.burst).unwrap_or(NonZeroU32::MIN);
        let per_minute = NonZeroU32::new(quota.per_minute).unwrap_or(NonZeroU32::MIN);
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = limiters.entry((burst, per_minute)).or_insert_with(|| {
            Arc::new(DefaultKeyedRateLimiter::dashmap(
                governor::Quota::per_minute(per_minute).allow_burst(burst),
            ))
        });
        Arc::clone(limiter)
    }
}

#[async_trait]
impl RateLimiter for MemoryRateLimiter {
    async fn check(&self, key: &str, quota: Quota) -> Result<(), Duration> {
        self.count(key, quota)
    }
}
