//! What a job is.

use std::{error::Error, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

pub type Failure = Box<dyn Error + Send + Sync>;

/// One unit of a job's work: how much it did, or why it could not. 0: nothing is left to do.
pub type Outcome = Result<u64, Failure>;

/// When the oldest item came that a job has not done yet.
pub type Oldest = Result<Option<DateTime<Utc>>, Failure>;

/// A line of the registry. `S` is what units work with.
pub struct Job<S> {
    pub name: &'static str,
    /// How long it rests when there is nothing to do.
    pub period: Duration,
    /// What it does, for people: a sentence without its subject.
    pub does: &'static str,
    pub unit: fn(S) -> BoxFuture<'static, Outcome>,
    /// Only where it is cheap to ask.
    pub oldest: Option<fn(S) -> BoxFuture<'static, Oldest>>,
    /// Every process does it for itself, without a lease.
    pub is_everybodys: bool,
}

impl<S> Clone for Job<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Job<S> {}

impl<S> Job<S> {
    pub const fn every(
        period: Duration,
        name: &'static str,
        does: &'static str,
        unit: fn(S) -> BoxFuture<'static, Outcome>,
    ) -> Self {
        Self {
            name,
            period,
            does,
            unit,
            oldest: None,
            is_everybodys: false,
        }
    }

    /// Tells how long its oldest item has waited.
    pub const fn waiting(self, oldest: fn(S) -> BoxFuture<'static, Oldest>) -> Self {
        Self {
            oldest: Some(oldest),
            ..self
        }
    }

    /// Concerns the process itself: each does it, none leads.
    pub const fn everybodys(self) -> Self {
        Self {
            is_everybodys: true,
            ..self
        }
    }
}
