//! The access token: one per appid in the shared values, renewed five minutes before it ends,
//! behind one refresher per process and one lease across processes.
//!
//! Only `stable_token` in its normal mode is used: it answers with the same token until that nears
//! its end, so two refreshes at once cost a call and break nothing. (Force mode kills the old token
//! at once; it is for leaks.)

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::kernel::{Clock, ports::cache::SharedValues};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, timeout};

use super::{
    WechatSettings,
    client::{Client, Question},
    errcode::{Fault, Meaning},
};

const ENDPOINT: &str = "/cgi-bin/stable_token";
/// The platform starts to renew within the last five minutes.
const MARGIN_S: i64 = 300;
/// How long others wait for the holder of the lease before they fetch for themselves.
const LEASE_PATIENCE: Duration = Duration::from_secs(1);
const LEASE_TTL: Duration = Duration::from_secs(3);
const LEASE_POLL: Duration = Duration::from_millis(50);
/// While WeChat gives no new token, the old one is used for so long before asking again.
const RESPITE: TimeDelta = TimeDelta::seconds(10);

#[derive(Clone, Serialize, Deserialize)]
struct Token {
    text: String,
    fresh_until: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Token {
    fn issued(text: String, expires_in_s: i64, now: DateTime<Utc>) -> Self {
        // A token that is nearly over is still worth a little while.
        let fresh_s = (expires_in_s - MARGIN_S).max((expires_in_s / 2).min(60));
        Self {
            text,
            fresh_until: now + TimeDelta::seconds(fresh_s),
            expires_at: now + TimeDelta::seconds(expires_in_s),
        }
    }

    fn serves(&self, refused: Option<&str>, now: DateTime<Utc>) -> bool {
        now < self.fresh_until && refused != Some(self.text.as_str())
    }
}

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    expires_in: i64,
}

pub(super) struct AccessTokens {
    client: Arc<Client>,
    settings: Arc<WechatSettings>,
    shared: Arc<dyn SharedValues>,
    clock: Arc<dyn Clock>,
    /// This process, as holder of the lease.
    holder: String,
    local: RwLock<Option<Token>>,
    refreshing: tokio::sync::Mutex<()>,
}

impl AccessTokens {
    pub(super) fn new(
        client: Arc<Client>,
        settings: Arc<WechatSettings>,
        shared: Arc<dyn SharedValues>,
        clock: Arc<dyn Clock>,
        holder: String,
    ) -> Self {
        Self {
            client,
            settings,
            shared,
            clock,
            holder,
            local: RwLock::default(),
            refreshing: Default::default(),
        }
    }

    /// A token that is fresh and not the one WeChat has just `refused`.
    pub(super) async fn current(&self, refused: Option<&str>) -> Result<String, Fault> {
        if let Some(token) = self.local(refused) {
            return Ok(token);
        }
        let _one_at_a_time = self.refreshing.lock().await;
        if let Some(token) = self.local(refused) {
            return Ok(token);
        }
        if let Some(token) = self.shared(refused).await {
            return Ok(self.keep(token));
        }
        if !self.take_lease().await
            && let Some(token) = self.await_colleague(refused).await
        {
            return Ok(self.keep(token));
        }
        let fetched = self.fetch_and_share().await;
        self.shared
            .release_lease(&self.key("lease"), &self.holder)
            .await;
        match fetched {
            Ok(token) => Ok(self.keep(token)),
            Err(fault) => self.respite(refused).ok_or(fault),
        }
    }

    /// Asks WeChat, whatever is in store: shows that credentials and address are right.
    pub(super) async fn probe(&self) -> Result<(), Fault> {
        self.fetch().await.map(drop)
    }

    fn local(&self, refused: Option<&str>) -> Option<String> {
        let local = self.local.read().unwrap_or_else(PoisonError::into_inner);
        local
            .as_ref()
            .filter(|token| token.serves(refused, self.clock.now()))
            .map(|token| token.text.clone())
    }

    async fn shared(&self, refused: Option<&str>) -> Option<Token> {
        let text = self.shared.read(&self.key("token")).await?;
        let token: Token = serde_json::from_str(&text).ok()?;
        token.serves(refused, self.clock.now()).then_some(token)
    }

    fn keep(&self, token: Token) -> String {
        let text = token.text.clone();
        *self.local.write().unwrap_or_else(PoisonError::into_inner) = Some(token);
        text
    }

    async fn take_lease(&self) -> bool {
        self.shared
            .take_lease(&self.key("lease"), &self.holder, LEASE_TTL)
            .await
    }

    /// Another process is refreshing: its token is ours too.
    async fn await_colleague(&self, refused: Option<&str>) -> Option<Token> {
        let give_up = Instant::now() + LEASE_PATIENCE;
        while Instant::now() < give_up {
            sleep(LEASE_POLL).await;
            if let Some(token) = self.shared(refused).await {
                return Some(token);
            }
        }
        None
    }

    async fn fetch_and_share(&self) -> Result<Token, Fault> {
        // Leaves time for the call that wanted the token, or for going on with the old one.
        let limit = self.settings.deadline / 2;
        let token = timeout(limit, self.fetch())
            .await
            .map_err(|_| Fault::no_answer(ENDPOINT, "too slow"))??;
        let ttl = (token.expires_at - self.clock.now())
            .to_std()
            .unwrap_or_default();
        if let Ok(text) = serde_json::to_string(&token) {
            self.shared.write(&self.key("token"), &text, ttl).await;
        }
        Ok(token)
    }

    async fn fetch(&self) -> Result<Token, Fault> {
        let secret = self.settings.secret.expose_secret();
        let body = serde_json::json!({
            "grant_type": "client_credential",
            "appid": self.settings.appid,
            "secret": secret,
            "force_refresh": false,
        });
        let question = Question::new(ENDPOINT).json(&body)?.hide(secret);
        let issued: Issued = self.client.ask(&question).await.map_err(blame_secret)?;
        Ok(Token::issued(
            issued.access_token,
            issued.expires_in,
            self.clock.now(),
        ))
    }

    /// No new token to be had: the old one is good until it ends, unless WeChat has refused it.
    fn respite(&self, refused: Option<&str>) -> Option<String> {
        let now = self.clock.now();
        let mut local = self.local.write().unwrap_or_else(PoisonError::into_inner);
        let token = local
            .as_mut()
            .filter(|token| now < token.expires_at && refused != Some(token.text.as_str()))?;
        token.fresh_until = (now + RESPITE).min(token.expires_at);
        Some(token.text.clone())
    }

    fn key(&self, kind: &str) -> String {
        format!("wechat:{}:{kind}", self.settings.appid)
    }
}

/// Where a token is asked for, "invalid credential" is not about a token.
fn blame_secret(fault: Fault) -> Fault {
    match fault {
        Fault::Refused {
            endpoint,
            errcode,
            meaning: Meaning::StaleToken,
        } => Fault::Refused {
            endpoint,
            errcode,
            meaning: Meaning::Misconfigured,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_five_minutes_early_but_never_at_once() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let fresh_s = |expires_in_s| {
            (Token::issued("t".into(), expires_in_s, now).fresh_until - now).num_seconds()
        };
        assert_eq!(fresh_s(7200), 6900);
        assert_eq!(fresh_s(360), 60);
        assert_eq!(fresh_s(299), 60);
        assert_eq!(fresh_s(40), 20);
    }
}
