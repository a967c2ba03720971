//! Everything that can go wrong here, in business words. A refused scan is no error: it is an answer that is kept.

use std::time::Duration;

use super::{
    batch::{BatchStatus, DecisionRefused, InvalidTransition},
    eligibility::Condition,
    redemption::AnnulmentRefused,
    voucher::VoucherState,
};
use crate::{
    kernel::{AccessError, IdempotencyError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum VoucherError {
    /// Draws and grants are not offered yet.
    #[error("only first come, first served is offered")]
    ReleaseNotOffered,
    #[error("batch is {}", .0.as_str())]
    BatchState(BatchStatus),
    #[error("maker and checker are the same person")]
    SamePerson,
    /// Another cadre changed the quota meanwhile.
    #[error("quota is {in_force} by now")]
    QuotaChanged { in_force: i64 },
    #[error("{issued} vouchers are issued already")]
    QuotaBelowIssued { issued: i64 },
    /// Changed between reading and writing.
    #[error("changed meanwhile")]
    ChangedMeanwhile,

    /// Paused, stopped or over: nothing to claim.
    #[error("batch does not issue")]
    BatchNotRunning,
    #[error("quota or budget is used up")]
    BatchExhausted,
    #[error("today's quota is used up")]
    DailyQuotaExhausted,
    #[error("person limit reached")]
    PersonLimitReached,
    #[error("standing insufficient")]
    StandingInsufficient(Vec<Condition>),

    /// No code is shown for a voucher that cannot be used.
    #[error("voucher is {}", .0.as_str())]
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

    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
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
        }
    }
}
