//! The one connection to Redis and the question whether to trust it.
//!
//! Invariant: entries are read only after this process has been connected for a probation without
//! any failure, and has then renewed all generations. The renewal hides everything stored before or
//! during an outage, even if Redis comes back with an old snapshot. The probation outlasts the time
//! in which other processes notice the outage and find their way back, so that none of them still
//! changes things without being able to say so. (One that alone is cut off cannot say so either:
//! what it changes is seen elsewhere when it returns, at the latest when entries expire.) That is
//! why this is not redis' `ConnectionManager`, which reconnects behind our back.
//!
//! Requests never connect, probe or retry: the first failure turns every later question into "away"
//! at once, and the keeper in the background finds the way back.

mod keeper;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use niangjia_domain::kernel::{
    Random,
    ports::{cache::Namespace, random},
};
use redis::{Client, Cmd, FromRedisValue, RedisResult, aio::MultiplexedConnection};
use secrecy::ExposeSecret;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use super::RedisSettings;

pub struct RedisLink {
    client: Client,
    settings: RedisSettings,
    pub(super) random: Arc<dyn Random>,
    state: Mutex<State>,
    /// Wakes the keeper.
    lost: Arc<Notify>,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// When the connection was made.
    since: Option<Instant>,
    /// Whether entries may be read through it.
    trusted: bool,
    /// Grows whenever the connection is given up: answers and renewals from before count for
    /// nothing.
    epoch: u64,
}

impl RedisLink {
    /// Tries to connect once, and keeps trying in the background if that fails. Fails only if the
    /// URL makes no sense. The keeper runs on the runtime that calls this, and ends with the last
    /// owner of the link.
    pub async fn open(settings: RedisSettings, random: Arc<dyn Random>) -> RedisResult<Arc<Self>> {
        let client = Client::open(settings.url.expose_secret())?;
        let lost = Arc::new(Notify::new());
        let link = Arc::new(Self {
            client,
            settings,
            random,
            state: Mutex::default(),
            lost: Arc::clone(&lost),
        });
        let check_every = link.settings.check_every;
        link.connect().await;
        tokio::spawn(keeper::keep(Arc::downgrade(&link), lost, check_every));
        Ok(link)
    }

    /// Whether Redis answers.
    pub fn is_up(&self) -> bool {
        self.state().connection.is_some()
    }

    pub(super) fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.settings.prefix)
    }

    pub(super) fn generation_key(&self, namespace: Namespace) -> String {
        self.key("generation", namespace.code())
    }

    /// A generation nobody has ever used: a write that was given up and applied later can then do
    /// no harm.
    pub(super) fn new_generation(&self) -> String {
        hex::encode(random::bytes::<8>(&*self.random))
    }

    /// `None` when Redis is away, or went away meanwhile.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let (connection, epoch, _) = self.connection()?;
        self.ask_on(connection, epoch, command).await
    }

    /// For entries, which may be stale: `None` during the probation too.
    pub(super) async fn ask_trusted<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let (connection, epoch, trusted) = self.connection()?;
        if trusted {
            self.ask_on(connection, epoch, command).await
        } else {
            None
        }
    }

    async fn ask_on<T: FromRedisValue>(
        &self,
        mut connection: MultiplexedConnection,
        epoch: u64,
        command: &Cmd,
    ) -> Option<T> {
        match patiently(self.settings.patience, command.query_async(&mut connection)).await {
            Ok(answer) if self.state().epoch == epoch => Some(answer),
            Ok(_) => None,
            Err(failure) => {
                self.give_up(Some(epoch), &failure);
                None
            }
        }
    }

    /// An invalidation did not get through: read no entry until a new probation has ended in a
    /// renewal.
    pub(super) fn missed_invalidation(&self) {
        self.give_up(None, "an invalidation was missed");
    }

    fn connection(&self) -> Option<(MultiplexedConnection, u64, bool)> {
        let state = self.state();
        state
            .connection
            .clone()
            .map(|connection| (connection, state.epoch, state.trusted))
    }

    /// Gives up the connection (of `epoch`, if given: a late failure of an old connection is no
    /// news).
    fn give_up(&self, epoch: Option<u64>, reason: &str) {
        let mut state = self.state();
        if epoch.is_some_and(|epoch| epoch != state.epoch) {
            return;
        }
        if state.connection.is_some() {
            tracing::warn!(reason, "redis is away: going on without it");
            metrics::gauge!("niangjia_redis_up").set(0.0);
            metrics::counter!("niangjia_redis_losses_total").increment(1);
        }
        *state = State {
            epoch: state.epoch + 1,
            ..State::default()
        };
        drop(state);
        self.lost.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn patiently<T>(
    patience: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> Result<T, String> {
    match timeout(patience, answer).await {
        Ok(Ok(value)) => Ok(value),
        // Redis' own error texts hold neither addresses with passwords nor values.
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} ms", patience.as_millis())),
    }
}
