//! Phones retry. The first answer to a key is kept with the effect itself, in one transaction, and
//! given again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::id::AccountId;
use crate::store::{Store, StoreError, Tx};

/// The `Idempotency-Key` header: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub fn parse(text: &str) -> Option<Self> {
        let valid = (1..=255).contains(&text.len())
            && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        valid.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request that may be a repetition.
#[derive(Debug, Clone)]
pub struct IdempotentRequest {
    pub account_id: AccountId,
    pub key: IdempotencyKey,
    /// SHA-256 over method, path and body.
    pub fingerprint: [u8; 32],
}

/// How long a first answer is kept.
pub const KEPT_HOURS: i64 = 48;

#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The key was used with another body or on another path.
    #[error("idempotency key reused")]
    KeyReused,
    /// A twin of this request is being answered right now.
    #[error("request in flight")]
    InFlight,
}

/// What the database says about a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Reservation {
    /// Ours now; the answer is to be recorded before commit.
    Fresh,
    Answered(serde_json::Value),
    OtherBody,
    InFlight,
}

#[async_trait::async_trait]
pub trait IdempotencyRepository: Send {
    /// Inserts the key, or tells what became of it. Must be the transaction's first write.
    async fn reserve(
        &mut self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Reservation, StoreError>;
    /// Stores the answer of a key reserved in this transaction.
    async fn record(
        &mut self,
        request: &IdempotentRequest,
        answer: serde_json::Value,
    ) -> Result<(), StoreError>;
    /// What became of each key so far, without reserving any: for a group, which keeps its answers
    /// at its end.
    async fn first_answers(
        &mut self,
        requests: &[&IdempotentRequest],
    ) -> Result<Vec<Reservation>, StoreError>;
    /// Keeps answers together with their keys; `false` when one of the keys was taken since it was
    /// looked up: then the transaction must not commit.
    async fn keep(
        &mut self,
        answers: Vec<(&IdempotentRequest, serde_json::Value)>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Forgets up to `limit` keys reserved before `instant`; returns how many.
    async fn forget_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}

/// Forgets up to `limit` answers that are older than [`KEPT_HOURS`]; returns how many.
pub async fn forget_old(
    store: &dyn Store,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<u64, StoreError> {
    let mut tx = store.begin().await?;
    let forgotten = tx
        .idempotency()
        .forget_before(now - TimeDelta::hours(KEPT_HOURS), limit)
        .await?;
    tx.commit().await?;
    Ok(forgotten)
}

/// An answer, and whether it was given before.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    pub value: T,
    pub replayed: bool,
}

impl<T> Answer<T> {
    pub fn fresh(value: T) -> Self {
        Self {
            value,
            replayed: false,
        }
    }

    pub fn again(value: T) -> Self {
        Self {
            value,
            replayed: true,
        }
    }

    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            value: convert(self.value),
            replayed: self.replayed,
        }
    }
}

/// Reserves the request's key. `Some` is the first answer, to be given again as it is.
pub async fn first_answer<T, E>(
    tx: &mut dyn Tx,
    request: &IdempotentRequest,
    now: DateTime<Utc>,
) -> Result<Option<Answer<T>>, E>
where
    T: DeserializeOwned,
    E: From<StoreError> + From<IdempotencyError>,
{
    match tx.idempotency().reserve(request, now).await? {
        Reservation::Fresh => Ok(None),
        Reservation::OtherBody => Err(IdempotencyError::KeyReused.into()),
        Reservation::InFlight => Err(IdempotencyError::InFlight.into()),
        Reservation::Answered(json) => Ok(Some(Answer::again(answer_of(request, json)?))),
    }
}

/// Reads a kept answer.
pub fn answer_of<T: DeserializeOwned>(
    request: &IdempotentRequest,
    json: serde_json::Value,
) -> Result<T, StoreError> {
    serde_json::from_value(json).map_err(|_| unreadable(request))
}

/// Writes an answer to be kept. Views stored here must hold no personal data and no secrets.
pub fn kept_form(
    request: &IdempotentRequest,
    value: &impl Serialize,
) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value).map_err(|_| unreadable(request))
}

fn unreadable(request: &IdempotentRequest) -> StoreError {
    StoreError::Corrupt {
        table: "idempotency_keys",
        id: request.account_id.to_string(),
    }
}

/// Keeps the answer with the effect.
pub async fn remember<T: Serialize>(
    tx: &mut dyn Tx,
    request: &IdempotentRequest,
    value: T,
) -> Result<Answer<T>, StoreError> {
    tx.idempotency()
        .record(request, kept_form(request, &value)?)
        .await?;
    Ok(Answer::fresh(value))
}
