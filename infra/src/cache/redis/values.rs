//! `SharedValues` in Redis: plain keys that expire.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use niangjia_domain::kernel::ports::cache::SharedValues;

use super::{RedisLink, milliseconds};

/// Deletes the lease only if the caller still holds it.
const RELEASE: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

pub struct RedisValues {
    link: Arc<RedisLink>,
}

impl RedisValues {
    pub fn new(link: Arc<RedisLink>) -> Self {
        Self { link }
    }

    fn key(&self, name: &str) -> String {
        self.link.key("value", name)
    }
}

#[async_trait]
impl SharedValues for RedisValues {
    async fn read(&self, key: &str) -> Option<String> {
        self.link
            .ask::<Option<String>>(redis::cmd("GET").arg(self.key(key)))
            .await
            .flatten()
    }

    async fn write(&self, key: &str, value: &str, ttl: Duration) {
        let mut set = redis::cmd("SET");
        set.arg(self.key(key))
            .arg(value)
            .arg("PX")
            .arg(milliseconds(ttl));
        let _written: Option<()> = self.link.ask(&set).await;
    }

    async fn remove(&self, key: &str) {
        let _removed: Option<()> = self.link.ask(redis::cmd("DEL").arg(self.key(key))).await;
    }

    async fn take_lease(&self, key: &str, holder: &str, ttl: Duration) -> bool {
        let mut set = redis::cmd("SET");
        set.arg(self.key(key))
            .arg(holder)
            .arg("NX")
            .arg("PX")
            .arg(milliseconds(ttl));
        match self.link.ask::<Option<String>>(&set).await {
            Some(answer) => answer.is_some(),
            None => true,
        }
    }

    async fn release_lease(&self, key: &str, holder: &str) {
        let mut release = redis::cmd("EVAL");
        release.arg(RELEASE).arg(1).arg(self.key(key)).arg(holder);
        let _released: Option<()> = self.link.ask(&release).await;
    }
}
