//! Both implementations of the ports, built the way the application builds them.

use std::{sync::Arc, time::Duration};

use niangjia_domain::kernel::{
    Random,
    ports::cache::{Cache, FillPermit, Lookup, Namespace, RateLimiter, SharedValues},
};
use niangjia_infra::{
    cache::{
        MemoryCache, MemoryRateLimiter, MemoryValues, RedisCache, RedisLink, RedisRateLimiter,
        RedisSettings, RedisValues, SubjectKeys,
    },
    system::SystemRandom,
};
use niangjia_tests::{eventually::eventually_so, servers::redis_server::RedisServer};

pub const TTL: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy)]
pub enum Backend {
    Memory,
    Redis,
}

/// The ports of one process.
pub struct Process {
    pub cache: Arc<dyn Cache>,
    pub values: Arc<dyn SharedValues>,
    pub limiter: Arc<dyn RateLimiter>,
    _server: Option<RedisServer>,
}

impl Process {
    pub async fn start(backend: Backend) -> Self {
        match backend {
            Backend::Memory => Self {
                cache: Arc::new(MemoryCache::new(1 << 20, random())),
                values: Arc::new(MemoryValues::default()),
                limiter: Arc::new(MemoryRateLimiter::default()),
                _server: None,
            },
            Backend::Redis => {
                let server = RedisServer::start();
                let process = Self::on(&server).await;
                Self {
                    _server: Some(server),
                    ..process
                }
            }
        }
    }

    /// One of several processes on a Redis of the test's, its probation over.
    pub async fn on(server: &RedisServer) -> Self {
        let process = Self::connecting(server).await;
        process.until_serving().await;
        process
    }

    /// Quicker than production at noticing, so that tests are too.
    pub async fn connecting(server: &RedisServer) -> Self {
        Self::checking_every(200, server).await
    }

    pub async fn checking_every(check_every_ms: u64, server: &RedisServer) -> Self {
        let mut settings = RedisSettings::new(server.url().into());
        settings.check_every = Duration::from_millis(check_every_ms);
        let link = RedisLink::open(settings, random()).await.unwrap();
        Self {
            cache: Arc::new(RedisCache::new(Arc::clone(&link))),
            values: Arc::new(RedisValues::new(Arc::clone(&link))),
            limiter: Arc::new(RedisRateLimiter::new(
                link,
                SubjectKeys::new(vec![7; 32].into()),
            )),
            _server: None,
        }
    }

    pub async fn until_serving(&self) {
        eventually_so("the cache serves", async || {
            self.seen("anything").await != Seen::Away
        })
        .await;
    }

    pub async fn until_healthy(&self, healthy: bool) {
        eventually_so("health changes", async || {
            self.cache.healthy().await == Some(healthy)
        })
        .await;
    }

    pub async fn seen(&self, key: &str) -> Seen {
        Seen::of(self.cache.get(Namespace::Wishes, key).await)
    }

    pub async fn permit(&self, key: &str) -> FillPermit {
        match self.cache.get(Namespace::Wishes, key).await {
            Lookup::Miss(permit) => permit,
            Lookup::Hit(_) | Lookup::Away => panic!("expected a miss"),
        }
    }

    pub async fn keep(&self, key: &str, value: &str) {
        let permit = self.permit(key).await;
        self.cache.put(permit, value.into(), TTL).await;
    }
}

pub fn random() -> Arc<dyn Random> {
    Arc::new(SystemRandom)
}

/// A `Lookup` that can be compared.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    Hit(String),
    Miss,
    Away,
}

impl Seen {
    pub fn hit(value: &str) -> Self {
        Self::Hit(value.to_owned())
    }

    fn of(lookup: Lookup) -> Self {
        match lookup {
            Lookup::Hit(value) => Self::Hit(String::from_utf8(value).unwrap()),
            Lookup::Miss(_) => Self::Miss,
            Lookup::Away => Self::Away,
        }
    }
}
