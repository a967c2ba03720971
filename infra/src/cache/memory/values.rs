//! `SharedValues` where "all processes" is this one.

use std::time::Duration;

use async_trait::async_trait;
use moka::{future::Cache as Moka, ops::compute::Op};
use niangjia_domain::kernel::ports::cache::SharedValues;

use super::{OwnTime, Perishable};

#[derive(Clone)]
struct Value {
    text: String,
    ttl: Duration,
}

impl Perishable for Value {
    fn ttl(&self) -> Duration {
        self.ttl
    }
}

/// Unbounded on purpose: evicting a lease or a revocation would be wrong, and there are few.
pub struct MemoryValues {
    values: Moka<String, Value>,
}

impl Default for MemoryValues {
    fn default() -> Self {
        Self {
            values: Moka::builder().expire_after(OwnTime).build(),
        }
    }
}

#[async_trait]
impl SharedValues for MemoryValues {
    async fn read(&self, key: &str) -> Option<String> {
        self.values.get(key).await.map(|value| value.text)
    }

    async fn write(&self, key: &str, value: &str, ttl: Duration) {
        self.values
            .insert(
                key.to_owned(),
                Value {
                    text: value.to_owned(),
                    ttl,
                },
            )
            .await;
    }

    async fn remove(&self, key: &str) {
        self.values.invalidate(key).await;
    }

    async fn take_lease(&self, key: &str, holder: &str, ttl: Duration) -> bool {
        let lease = Value {
            text: holder.to_owned(),
            ttl,
        };
        self.values
            .entry_by_ref(key)
            .or_insert(lease)
            .await
            .is_fresh()
    }

    async fn release_lease(&self, key: &str, holder: &str) {
        self.values
            .entry_by_ref(key)
            .and_compute_with(async |lease| match lease {
                Some(lease) if lease.value().text == holder => Op::Remove,
                _ => Op::Nop,
            })
            .await;
    }
}
