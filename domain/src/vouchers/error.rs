//! Everything that can go wrong here, in business words. A refused scan is no error: it is an
//! answer that is kept.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    batches::{
        batch::{BatchStatus, DecisionRefused, InvalidTransition, Unfinished},
        rules::{Distribution, eligibility::Condition},
    },
    collusion::suspension::ReviewRefused,
    scans::redemption::AnnulmentRefused,
    wallet::voucher::VoucherState,
};
use crate::{
    kernel::{AccessError, Fen, IdempotencyError, Invalid, Turned},
    store::StoreError,
    tasks::TaskError,
};

#[derive(Debug, thiserror::Error)]
pub enum VoucherError {
    /// Vouchers of this batch are not to be had in this way.
    #[error("released by {0:?}")]
    DistributedOtherwise(Distribution),
    #[error("the draw has begun")]
    EntriesClosed,
    #[error("entered before")]
    EnteredBefore,
    /// Not in this state of the batch, or not of everybody.
    #[error("no recall while the batch is {}", .0.code())]
    RecallRefused(BatchStatus),
    #[error("batch is {}", .0.code())]
    BatchState(BatchStatus),
    #[error("maker and checker are the same person")]
    SamePerson,
    /// Another cadre changed the quota meanwhile.
    #[error("quota is {in_force} by now")]
    QuotaChanged { in_force: i64 },
    #[error("{issued} vouchers are issued already")]
    QuotaBelowIssued { issued: i64 },
    /// Another cadre changed the budget meanwhile.
    #[error("budget is {} fen by now", in_force.get())]
    BudgetChanged { in_force: Fen },
    #[error("{} fen are reserved or spent already", used.get())]
    BudgetBelowUsed { used: Fen },
    #[error("batch is not finished")]
    BatchUnfinished(Unfinished),
    /// Changed between reading and writing.
    #[error("changed meanwhile")]
    ChangedMeanwhile,

    /// Paused, stopped or over: nothing to claim.
    #[error("batch does not issue")]
    BatchNotRunning,
    /// Claims begin later.
    #[error("batch issues from {from} on")]
    BatchNotOpenYet { from: DateTime<Utc>, wait: Duration },
    #[error("quota or budget is used up")]
    BatchExhausted,
    #[error("today's quota is used up")]
    DailyQuotaExhausted,
    #[error("person limit reached")]
    PersonLimitReached,
    #[error("standing insufficient")]
    StandingInsufficient(Vec<Condition>),

    /// No code is shown for a voucher that cannot be used.
    #[error("voucher is {}", .0.code())]
    VoucherNotUsable(VoucherState),
    #[error("this phone was told its secret before")]
    CodeSecretDelivered,
    #[error("too many phones")]
    TooManyDevices,

    #[error("too many codes, wait")]
    Throttled(Duration),
    #[error("redemption was annulled before")]
    AlreadyAnnulled,
    #[error("too late to annul")]
    AnnulmentTooLate,
    #[error("redemption is settled")]
    AlreadySettled,

    /// Decided before, or annulled by staff.
    #[error("hold is not open")]
    HoldNotOpen,
    /// Whoever scanned or ate it does not decide about it.
    #[error("reviewer had a part in it")]
    ReviewerInvolved,

    #[error(transparent)]
    Task(#[from] TaskError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Turned(#[from] Turned),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<InvalidTransition> for VoucherError {
    fn from(InvalidTransition(status): InvalidTransition) -> Self {
        Self::BatchState(status)
    }
}

impl From<DecisionRefused> for VoucherError {
    fn from(refused: DecisionRefused) -> Self {
        match refused {
            DecisionRefused::State(state) => state.into(),
            DecisionRefused::SamePerson => Self::SamePerson,
        }
    }
}

impl From<AnnulmentRefused> for VoucherError {
    fn from(refused: AnnulmentRefused) -> Self {
        match refused {
            AnnulmentRefused::AlreadyAnnulled => Self::AlreadyAnnulled,
            AnnulmentRefused::TooLate => Self::AnnulmentTooLate,
            AnnulmentRefused::Settled => Self::AlreadySettled,
        }
    }
}

impl From<ReviewRefused> for VoucherError {
    fn from(refused: ReviewRefused) -> Self {
        match refused {
            ReviewRefused::NotOpen => Self::HoldNotOpen,
            ReviewRefused::Involved => Self::ReviewerInvolved,
        }
    }
}
