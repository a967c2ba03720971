//! Everything that can go wrong here, in business words.

use chrono::{DateTime, Utc};

use super::{
    claims::wish_claim::{ClaimStatus, InvalidClaimTransition},
    wish::{InvalidTransition, status::WishStatus},
};
use crate::{
    kernel::{AccessError, IdempotencyError, Invalid},
    store::StoreError,
    tasks::TaskError,
    uploads::UploadError,
};

#[derive(Debug, thiserror::Error)]
pub enum WishError {
    /// No person, no membership, or none that is live.
    #[error("standing insufficient")]
    StandingInsufficient,
    #[error("the person has a live wish already")]
    LiveWishExists,
    /// 30 days after a fulfilled wish (W2).
    #[error("cooling off until {until}")]
    CoolingOff { until: DateTime<Utc> },
    #[error("wish claimed already")]
    AlreadyClaimed,
    /// Claimed or reviewed by its own worker: same account, person or phone.
    #[error("own wish")]
    OwnWish,
    #[error("too many live claims")]
    ClaimLimit,
    #[error("wish is {from}")]
    WishState { from: WishStatus },
    #[error("claim is {from}")]
    ClaimState { from: ClaimStatus },
    /// Somebody else was faster: load again.
    #[error("changed meanwhile")]
    Changed,
    #[error("pick-up code wrong, {attempts_left} attempts left")]
    PickupCodeWrong { attempts_left: u8 },
    #[error("pick-up code locked for {wait_s} s")]
    PickupCodeLocked { wait_s: u64 },
    /// The donor may not close their own gift (W7).
    #[error("handover by the donor")]
    HandoverByDonor,
    #[error("reported already")]
    AlreadyReported,
    /// Nothing is shown unchecked; the caller may try again.
    #[error("text check unavailable")]
    TextCheckUnavailable,
    #[error(transparent)]
    Photos(#[from] UploadError),
    #[error(transparent)]
    Task(#[from] TaskError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<InvalidTransition> for WishError {
    fn from(refused: InvalidTransition) -> Self {
        Self::WishState { from: refused.from }
    }
}

impl From<InvalidClaimTransition> for WishError {
    fn from(refused: InvalidClaimTransition) -> Self {
        Self::ClaimState { from: refused.from }
    }
}
