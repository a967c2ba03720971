//! Speed, never truth: whatever the cache says or fails to say, answers stay the same.
//!
//! Entries live in namespaces. A change is followed, after its commit, by `invalidate(namespace)`;
//! a reader that loaded before the change stores under the old generation, where nobody looks any
//! more.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use crate::kernel::coded::coded;

coded! {
    /// A group of entries that go stale together.
    Namespace {
        Stations "stations",
        Wishes "wishes",
    }
}

/// Proof that a reader looked before it loaded. Dropping it, used or not, lets the next waiter of
/// this process in.
pub struct FillPermit {
    pub namespace: Namespace,
    pub key: String,
    /// The namespace's generation when the reader looked; what is stored under it dies with it.
    pub generation: String,
    /// Held while this caller loads (single flight); `None` where nothing is held.
    pub flight: Option<Box<dyn Send + Sync>>,
}

/// What a look-up found.
pub enum Lookup {
    Hit(Vec<u8>),
    /// Load it, then `put` under this permit.
    Miss(FillPermit),
    /// The cache is away: load it and store nothing.
    Away,
}

#[async_trait::async_trait]
pub trait Cache: Send + Sync {
    /// Never fails: an outage is `Away`. While another caller of this process is loading the same
    /// key, waits for it (single flight, bounded in time), so that an expired entry is loaded once.
    /// `key` holds no personal data.
    async fn get(&self, namespace: Namespace, key: &str) -> Lookup;
    /// Keeps `value` for about `ttl` (a little jitter spreads expiries).
    async fn put(&self, permit: FillPermit, value: Vec<u8>, ttl: Duration);
    /// Forgets the whole namespace. Call after commit. Made up for later when the backing service
    /// is away; until then this process reads nothing from it.
    async fn invalidate(&self, namespace: Namespace);
    /// Whether the backing service answers; `None` for the in-process twin.
    async fn healthy(&self) -> Option<bool>;
}

/// Small values shared by all processes of an installation: access tokens of others' services,
/// revocations, leases. Values are lost in an outage; whoever needs the truth keeps it in the
/// database. Keys hold no personal data.
#[async_trait::async_trait]
pub trait SharedValues: Send + Sync {
    /// `None` when absent or when nobody can tell: never a proof of absence.
    async fn read(&self, key: &str) -> Option<String>;
    async fn write(&self, key: &str, value: &str, ttl: Duration);
    async fn remove(&self, key: &str);
    /// Takes a lease for `ttl`; `false` when another holder has it. An outage answers `true`: work
    /// twice rather than never.
    async fn take_lease(&self, key: &str, holder: &str, ttl: Duration) -> bool;
    /// Gives the lease back early, if it is still `holder`'s.
    async fn release_lease(&self, key: &str, holder: &str);
}

/// At most `burst` at once and `per_minute` in the long run; zero counts as one.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    pub burst: u32,
    pub per_minute: u32,
}

#[async_trait::async_trait]
pub trait RateLimiter: Send + Sync {
    /// `Err(wait)` when the caller must wait. An outage falls back to counting in this process. The
    /// key reads `purpose:subject`; subjects may be personal (an address, a phone) and never leave
    /// the process in clear.
    async fn check(&self, key: &str, quota: Quota) -> Result<(), Duration>;
}

/// Reads through the cache: a hit is decoded, a miss is loaded once per process and kept.
pub async fn read_through<T, E>(
    cache: &dyn Cache,
    namespace: Namespace,
    key: &str,
    ttl: Duration,
    load: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E>
where
    T: Serialize + DeserializeOwned,
{
    let permit = match cache.get(namespace, key).await {
        Lookup::Hit(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => return Ok(value),
            // An older version wrote it: load afresh, keep nothing.
            Err(_) => return load.await,
        },
        Lookup::Away => return load.await,
        Lookup::Miss(permit) => permit,
    };
    let value = load.await?;
    if let Ok(bytes) = serde_json::to_vec(&value) {
        cache.put(permit, bytes, ttl).await;
    }
    Ok(value)
}
