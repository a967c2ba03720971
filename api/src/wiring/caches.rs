//! Redis, or its twin in this process, which other processes do not see.

use std::{error::Error, sync::Arc};

use niangjia_domain::kernel::{
    Random,
    ports::cache::{Cache, RateLimiter, SharedValues},
};
use niangjia_infra::cache::{
    MemoryCache, MemoryRateLimiter, MemoryValues, RedisCache, RedisLink, RedisRateLimiter,
    RedisSettings, RedisValues, SubjectKeys,
};

use crate::config::Config;

const MEMORY_CACHE_BYTES: u64 = 16 << 20;

pub(super) struct Caches {
    pub(super) cache: Arc<dyn Cache>,
    pub(super) shared: Arc<dyn SharedValues>,
    pub(super) limiter: Arc<dyn RateLimiter>,
}

impl Caches {
    pub(super) async fn open(
        config: &Config,
        random: &Arc<dyn Random>,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let Some(url) = &config.redis.url else {
            return Ok(Self {
                cache: Arc::new(MemoryCache::new(MEMORY_CACHE_BYTES, random.clone())),
                shared: Arc::new(MemoryValues::default()),
                limiter: Arc::new(MemoryRateLimiter::default()),
            });
        };
        let subjects = SubjectKeys::new(config.keys.derived("redis subjects").to_vec().into());
        let link = RedisLink::open(RedisSettings::new(url.clone()), random.clone()).await?;
        Ok(Self {
            cache: Arc::new(RedisCache::new(link.clone())),
            shared: Arc::new(RedisValues::new(link.clone())),
            limiter: Arc::new(RedisRateLimiter::new(link, subjects)),
        })
    }
}
