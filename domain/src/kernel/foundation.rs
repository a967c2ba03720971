//! What every use case stands on: units of work, the time, randomness.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::ports::{clock::Clock, random::Random};
use crate::store::{Store, StoreError, Tx};

/// The three ports that every service needs, handed on as one.
#[derive(Clone)]
pub struct Foundation {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Foundation {
    /// A read-write transaction: see [`Store::begin`].
    pub async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        self.store.begin().await
    }

    /// The read path: see [`Store::read`].
    pub async fn read(&self) -> Result<Box<dyn Tx>, StoreError> {
        self.store.read().await
    }

    /// See [`Store::begin_long`].
    pub async fn begin_long(&self) -> Result<Box<dyn Tx>, StoreError> {
        self.store.begin_long().await
    }

    /// See [`Store::read_long`].
    pub async fn read_long(&self) -> Result<Box<dyn Tx>, StoreError> {
        self.store.read_long().await
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn random(&self) -> &dyn Random {
        &*self.random
    }
}
