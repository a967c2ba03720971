//! The way back to a lost Redis: connecting again, the probation, and the renewal of all generations
//! that ends it.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use niangjia_domain::kernel::ports::cache::Namespace;
use redis::{AsyncConnectionConfig, aio::MultiplexedConnection};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use super::{RedisLink, patiently};

const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Checks an idle connection, finds the way back to a lost one. Pauses grow until a connection has
/// lasted, so that a Redis that greets us and then fails is not worn out.
pub(super) async fn keep(link: Weak<RedisLink>, lost: Arc<Notify>, check_every: Duration) {
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

impl RedisLink {
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

    pub(super) async fn connect(&self) {
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
}
