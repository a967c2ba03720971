//! `RateLimiter` counted in Redis for all processes; in an outage each process counts for itself.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use niangjia_domain::kernel::ports::cache::{Quota, RateLimiter};

use super::RedisLink;
use crate::cache::{MemoryRateLimiter, SubjectKeys};

const GCRA: &str = include_str!("gcra.lua");
const MINUTE_US: u64 = 60_000_000;

pub struct RedisRateLimiter {
    link: Arc<RedisLink>,
    subjects: SubjectKeys,
    in_outage: MemoryRateLimiter,
}

impl RedisRateLimiter {
    pub fn new(link: Arc<RedisLink>, subjects: SubjectKeys) -> Self {
        Self {
            link,
            subjects,
            in_outage: MemoryRateLimiter::default(),
        }
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn check(&self, key: &str, quota: Quota) -> Result<(), Duration> {
        let mut count = redis::cmd("EVAL");
        count
            .arg(GCRA)
            .arg(1)
            .arg(self.link.key("limit", &self.subjects.conceal(key)))
            .arg((MINUTE_US / u64::from(quota.per_minute.max(1))).max(1))
            .arg(quota.burst.max(1));
        match self.link.ask::<u64>(&count).await {
            Some(0) => Ok(()),
            Some(wait_us) => Err(Duration::from_micros(wait_us)),
            None => self.in_outage.count(key, quota),
        }
    }
}
