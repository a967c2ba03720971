//! `Cache` in this process: moka entries stamped with their namespace's generation, a plain
//! counter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use moka::future::Cache as Moka;
use niangjia_domain::kernel::{
    Random,
    ports::cache::{Cache, FillPermit, Lookup, Namespace},
};

use super::{OwnTime, Perishable};
use crate::cache::{
    flight::{Flights, Seen},
    spread,
};

#[derive(Clone)]
struct Stored {
    generation: u64,
    value: Arc<[u8]>,
    ttl: Duration,
}

impl Perishable for Stored {
    fn ttl(&self) -> Duration {
        self.ttl
    }
}

/// At most `capacity_bytes` of values; the least useful go first.
pub struct MemoryCache {
    entries: Moka<(Namespace, String), Stored>,
    generations: [AtomicU64; Namespace::ALL.len()],
    flights: Flights,
    random: Arc<dyn Random>,
}

impl MemoryCache {
    pub fn new(capacity_bytes: u64, random: Arc<dyn Random>) -> Self {
        let entries = Moka::builder()
            .max_capacity(capacity_bytes)
            .weigher(|(_, key): &(Namespace, String), stored: &Stored| {
                u32::try_from(key.len() + stored.value.len()).unwrap_or(u32::MAX)
            })
            .expire_after(OwnTime)
            .build();
        Self {
            entries,
            generations: Default::default(),
            flights: Flights::default(),
            random,
        }
    }

    fn generation(&self, namespace: Namespace) -> &AtomicU64 {
        &self.generations[namespace as usize]
    }

    async fn look(&self, namespace: Namespace, key: &str) -> Seen {
        let current = self.generation(namespace).load(Ordering::SeqCst);
        match self.entries.get(&(namespace, key.to_owned())).await {
            Some(stored) if stored.generation == current => Seen::Hit(stored.value.to_vec()),
            _ => Seen::Miss {
                generation: current.to_string(),
            },
        }
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, namespace: Namespace, key: &str) -> Lookup {
        self.flights
            .look_up(namespace, key, || self.look(namespace, key))
            .await
    }

    async fn put(&self, permit: FillPermit, value: Vec<u8>, ttl: Duration) {
        let Ok(generation) = permit.generation.parse() else {
            return;
        };
        let stored = Stored {
            generation,
            value: value.into(),
            ttl: spread(ttl, &*self.random),
        };
        self.entries
            .insert((permit.namespace, permit.key.clone()), stored)
            .await;
    }

    async fn invalidate(&self, namespace: Namespace) {
        self.generation(namespace).fetch_add(1, Ordering::SeqCst);
    }

    async fn healthy(&self) -> Option<bool> {
        None
    }
}
