//! The one connection to Redis and the question whether to trust it.
//!
//! Invariant: before a connection answers anybody in this process, all generations have been renewed through it, and
//! no invalidation was missed since. So nothing stored before or during an outage is served after it — not even when
//! Redis comes back with an old snapshot. That is why this is not redis' `ConnectionManager`, which reconnects behind
//! our back.
//!
//! Requests never connect, probe or retry: the first failure turns every later question into "away" at once, and a
//! keeper in the background finds the way back.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use niangjia_domain::kernel::{Random, cache::Namespace, random};
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult, aio::MultiplexedConnection};
use secrecy::ExposeSecret;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
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
    /// Grows whenever trust is lost: answers and renewals from before count for nothing.
    epoch: u64,
}

impl RedisLink {
    /// Tries to connect once, and keeps trying in the background if that fails. Fails only if the URL makes no sense.
    /// The keeper runs on the runtime that calls this, and ends with the last owner of the link.
    pub async fn open(settings: RedisSettings, random: Arc<dyn Random>) -> RedisResult<Arc<Self>> {
        let client = Client::open(settings.url.expose_secret())?;
        let lost = Arc::new(Notify::new());
        let link = Arc::new(Self { client, settings, random, state: Mutex::default(), lost: Arc::clone(&lost) });
        let check_every = link.settings.check_every;
        link.connect().await;
        tokio::spawn(keep(Arc::downgrade(&link), lost, check_every));
        Ok(link)
    }

    /// Whether questions are being answered right now.
    pub fn is_up(&self) -> bool {
        self.state().connection.is_some()
    }

    pub(super) fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.settings.prefix)
    }

    pub(super) fn generation_key(&self, namespace: Namespace) -> String {
        self.key("generation", namespace.as_str())
    }

    /// A generation nobody has ever used: a write that was given up and applied later can then do no harm.
    pub(super) fn new_generation(&self) -> String {
        hex::encode(random::bytes::<8>(&*self.random))
    }

    /// `None` when Redis is away, or went away meanwhile.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let (mut connection, epoch) = self.trusted()?;
        let answer = patiently(self.settings.patience, command.query_async(&mut connection)).await;
        match answer {
            Ok(answer) if self.state().epoch == epoch => Some(answer),
            Ok(_) => None,
            Err(failure) => {
                self.distrust(Some(epoch), &failure);
                None
            }
        }
    }

    /// An invalidation did not get through: trust nothing until the keeper has renewed all generations.
    pub(super) fn missed_invalidation(&self) {
        self.distrust(None, "an invalidation was missed");
    }

    fn trusted(&self) -> Option<(MultiplexedConnection, u64)> {
        let state = self.state();
        state.connection.clone().map(|connection| (connection, state.epoch))
    }

    /// Gives up the connection (of `epoch`, if given: a late failure of an old connection is no news).
    fn distrust(&self, epoch: Option<u64>, reason: &str) {
        let mut state = self.state();
        if epoch.is_some_and(|epoch| epoch != state.epoch) {
            return;
        }
        state.epoch += 1;
        if state.connection.take().is_some() {
            tracing::warn!(reason, "redis is away: going on without it");
            metrics::gauge!("niangjia_redis_up").set(0.0);
            metrics::counter!("niangjia_redis_losses_total").increment(1);
        }
        drop(state);
        self.lost.notify_one();
    }

    async fn tend(&self) {
        if self.is_up() {
            let _alive: Option<String> = self.ask(&redis::cmd("PING")).await;
        } else {
            self.connect().await;
        }
    }

    /// One attempt to connect, renew all generations, and trust the result.
    async fn connect(&self) {
        let epoch = self.state().epoch;
        match self.renewed_connection().await {
            Ok(connection) => self.trust(connection, epoch),
            Err(reason) => tracing::debug!(reason, "redis is still away"),
        }
    }

    async fn renewed_connection(&self) -> Result<MultiplexedConnection, String> {
        let patience = self.settings.patience;
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(patience)).set_response_timeout(Some(patience));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = patiently(patience, connecting).await?;
        let mut renewal = redis::cmd("MSET");
        for namespace in Namespace::ALL {
            renewal.arg(self.generation_key(namespace)).arg(self.new_generation());
        }
        patiently(patience, renewal.query_async::<()>(&mut connection)).await?;
        Ok(connection)
    }

    /// An invalidation missed while we renewed may have been overtaken by a reader elsewhere: then renew again.
    fn trust(&self, connection: MultiplexedConnection, epoch: u64) {
        let mut state = self.state();
        if state.epoch == epoch {
            state.connection = Some(connection);
            tracing::info!("redis answers");
            metrics::gauge!("niangjia_redis_up").set(1.0);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks an idle connection, finds the way back to a lost one. Pauses grow until a connection has lasted, so that a
/// Redis that greets us and then fails is not worn out.
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

async fn patiently<T>(patience: Duration, answer: impl Future<Output = RedisResult<T>>) -> Result<T, String> {
    match timeout(patience, answer).await {
        Ok(Ok(value)) => Ok(value),
        // Redis' own error texts hold neither addresses with passwords nor values.
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} ms", patience.as_millis())),
    }
}
