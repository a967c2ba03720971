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
//! at once, and a keeper in the background finds the way back.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use niangjia_domain::kernel::{
    Random,
    ports::{cache::Namespace, random},
};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult, aio::MultiplexedConnection,
};
use secrecy::ExposeSecret;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use super::RedisSettings;

const FIRST_PAUSE: Duration = Duration::from_millis(50);

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
        tokio::spawn(keep(Arc::downgrade(&link), lost, check_every));
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

    /// The keeper's step: connect, end the probation, or see whether Redis still answers.
    async fn tend(&self) {
        let since = self.state().since;
        match since {
            None => self.connect().await,
            Some(since) if !self.state().trusted && since.elapsed() >= self.probation() => {
                self.renew_all().await
            }
            Some(_) => drop(self.ask::<String>(&redis::cmd("PING")).await),
        }
    }

    async fn connect(&self) {
        let patience = self.settings.patience;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(patience));
        let connecting = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        match patiently(patience, connecting).await {
            Ok(connection) => self.connected(connection),
            Err(reason) => tracing::debug!(reason, "redis is still away"),
        }
    }

    fn connected(&self, connection: MultiplexedConnection) {
        let mut state = self.state();
        state.connection = Some(connection);
        state.since = Some(Instant::now());
        tracing::info!("redis answers");
        metrics::gauge!("niangjia_redis_up").set(1.0);
    }

    async fn renew_all(&self) {
        let Some((connection, epoch, _)) = self.connection() else {
            return;
        };
        let mut renewal = redis::cmd("MSET");
        for &namespace in Namespace::ALL {
            renewal
                .arg(self.generation_key(namespace))
                .arg(self.new_generation());
        }
        if self
            .ask_on::<()>(connection, epoch, &renewal)
            .await
            .is_some()
        {
            let mut state = self.state();
            state.trusted = state.epoch == epoch;
        }
    }

    /// Others check every so often, wait for that check, and for a new connection; once more to be
    /// sure.
    fn probation(&self) -> Duration {
        self.settings.check_every + self.settings.patience * 3
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks an idle connection, finds the way back to a lost one. Pauses grow until a connection has
/// lasted, so that a Redis that greets us and then fails is not worn out.
async fn keep(link: Weak<RedisLink>, lost: Arc<Notify>, check_every: Duration) {
    let mut pause = FIRST_PAUSE;
    while let Some(up) = link.upgrade().map(|link| link.is_up()) {
        if up && timeout(check_every, lost.notified()).await.is_err() {
            pause = FIRST_PAUSE;
        } else {
            sleep(pause).await;
            pause = (pause * 2).min(check_every);
        }
        let Some(link) = link.upgrade() else { return };
        link.tend().await;
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
