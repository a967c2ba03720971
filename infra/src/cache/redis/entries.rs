//! `Cache` in Redis. A value is stored behind the generation its reader saw; a look-up asks for the
//! generation and the value in one round trip and compares.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use niangjia_domain::kernel::ports::cache::{Cache, FillPermit, Lookup, Namespace};

use super::{RedisLink, milliseconds};
use crate::cache::{
    flight::{Flights, Seen},
    spread,
};

pub struct RedisCache {
    link: Arc<RedisLink>,
    flights: Flights,
}

impl RedisCache {
    pub fn new(link: Arc<RedisLink>) -> Self {
        Self {
            link,
            flights: Flights::default(),
        }
    }

    fn entry_key(&self, namespace: Namespace, key: &str) -> String {
        self.link.key(namespace.code(), key)
    }

    async fn look(&self, namespace: Namespace, key: &str) -> Seen {
        let mut look = redis::cmd("MGET");
        look.arg(self.link.generation_key(namespace))
            .arg(self.entry_key(namespace, key));
        match self
            .link
            .ask_trusted::<(Option<String>, Option<Vec<u8>>)>(&look)
            .await
        {
            None => Seen::Away,
            Some((None, _)) => self.start_generation(namespace).await,
            Some((Some(generation), entry)) => {
                match entry
                    .as_deref()
                    .and_then(|entry| entry.strip_prefix(generation.as_bytes()))
                {
                    Some(value) => Seen::Hit(value.to_vec()),
                    None => Seen::Miss { generation },
                }
            }
        }
    }

    /// Redis was flushed, or evicted the generation.
    async fn start_generation(&self, namespace: Namespace) -> Seen {
        match self.renew(namespace).await {
            Some(generation) => Seen::Miss { generation },
            None => Seen::Away,
        }
    }

    async fn renew(&self, namespace: Namespace) -> Option<String> {
        let generation = self.link.new_generation();
        let key = self.link.generation_key(namespace);
        self.link
            .ask::<()>(redis::cmd("SET").arg(key).arg(&generation))
            .await
            .map(|()| generation)
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, namespace: Namespace, key: &str) -> Lookup {
        self.flights
            .look_up(namespace, key, || self.look(namespace, key))
            .await
    }

    async fn put(&self, permit: FillPermit, value: Vec<u8>, ttl: Duration) {
        let mut entry = permit.generation.into_bytes();
        entry.extend(value);
        let key = self.entry_key(permit.namespace, &permit.key);
        let mut set = redis::cmd("SET");
        set.arg(key)
            .arg(entry)
            .arg("PX")
            .arg(milliseconds(spread(ttl, &*self.link.random)));
        let _stored: Option<()> = self.link.ask(&set).await;
    }

    async fn invalidate(&self, namespace: Namespace) {
        if self.renew(namespace).await.is_none() {
            self.link.missed_invalidation();
        }
    }

    async fn healthy(&self) -> Option<bool> {
        Some(self.link.is_up())
    }
}
