//! Single flight: of the callers that miss one key at once, one (the pilot) loads, the others wait
//! for it to land and look again. Waiting is bounded; past that everybody loads for themselves.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use niangjia_domain::kernel::ports::cache::{FillPermit, Lookup, Namespace};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// The longest anybody waits for somebody else's load.
const PATIENCE: Duration = Duration::from_secs(1);

/// One look at the store behind the cache.
pub(super) enum Seen {
    Hit(Vec<u8>),
    Miss { generation: String },
    Away,
}

type Key = (Namespace, String);
type Landing = watch::Receiver<()>;

/// The loads under way in this process.
#[derive(Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Key, Landing>>>);

/// The right to load one key. Dropping it wakes the waiters.
struct Flight {
    flights: Flights,
    key: Key,
    _landing: watch::Sender<()>,
}

enum Boarding {
    Pilot(Flight),
    Passenger(Landing),
}

impl Flights {
    /// Looks, and on a miss makes sure that one caller loads while the others wait.
    pub(super) async fn look_up<F, Fut>(&self, namespace: Namespace, key: &str, look: F) -> Lookup
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Seen>,
    {
        let give_up = Instant::now() + PATIENCE;
        let mut flight = None;
        loop {
            let generation = match look().await {
                Seen::Hit(value) => return counted(namespace, "hit", Lookup::Hit(value)),
                Seen::Away => return counted(namespace, "away", Lookup::Away),
                Seen::Miss { generation } => generation,
            };
            if flight.is_some() || Instant::now() >= give_up {
                let permit = FillPermit {
                    namespace,
                    key: key.to_owned(),
                    generation,
                    flight,
                };
                return counted(namespace, "miss", Lookup::Miss(permit));
            }
            // A pilot looks once more: somebody may have landed between its look and its boarding.
            match self.board((namespace, key.to_owned())) {
                Boarding::Pilot(pilot) => flight = Some(Box::new(pilot) as Box<dyn Send + Sync>),
                Boarding::Passenger(mut landing) => {
                    let _landed_or_late = timeout_at(give_up, landing.changed()).await;
                }
            }
        }
    }

    fn board(&self, key: Key) -> Boarding {
        match self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key)
        {
            Entry::Occupied(flying) => Boarding::Passenger(flying.get().clone()),
            Entry::Vacant(free) => {
                let (sender, landing) = watch::channel(());
                let key = free.key().clone();
                free.insert(landing);
                Boarding::Pilot(Flight {
                    flights: Self(Arc::clone(&self.0)),
                    key,
                    _landing: sender,
                })
            }
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

fn counted(namespace: Namespace, answer: &'static str, lookup: Lookup) -> Lookup {
    metrics::counter!("niangjia_cache_lookups_total", "namespace" => namespace.code(), "answer" => answer)
        .increment(1);
    lookup
}
