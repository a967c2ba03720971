//! Everything that can go wrong here, in business words. A scan that does not add up is no error:
//! it is parked.

use super::{devices::device::AlreadyRevoked, disputes::dispute::AlreadyResolved};
use crate::{
    kernel::{AccessError, IdempotencyError, Invalid},
    settlements::adjustments::adjustment::AdjustmentRefused,
    store::StoreError,
    tasks::TaskError,
    vouchers::scans::refusal::Refusal,
};

#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    #[error("the station has as many devices as it may")]
    TooManyDevices,
    /// Packs are made for devices that the station knows.
    #[error("device is not enrolled")]
    DeviceUnknown,
    /// Lost or given up; its name is not used again.
    #[error("device is revoked")]
    DeviceRevoked,
    /// Everything it had packs for is uploaded or written off.
    #[error("settlements do not wait for this device")]
    NothingOwed,
    #[error("disputed scan is resolved")]
    AlreadyResolved,
    /// Judged again, and no better.
    #[error("still refused: {}", .0.code())]
    StillDisputed(Refusal),
    /// The code names no voucher of ours: there is no batch to pay from.
    #[error("no voucher to honour")]
    NothingToHonour,
    #[error("no room in the batch's budget")]
    NoBudget,
    /// Changed between reading and writing.
    #[error("changed meanwhile")]
    ChangedMeanwhile,

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

impl From<AlreadyResolved> for OfflineError {
    fn from(AlreadyResolved: AlreadyResolved) -> Self {
        Self::AlreadyResolved
    }
}

impl From<AdjustmentRefused> for OfflineError {
    fn from(refused: AdjustmentRefused) -> Self {
        match refused {
            AdjustmentRefused::Twice => Self::AlreadyResolved,
            AdjustmentRefused::NoBudget => Self::NoBudget,
            AdjustmentRefused::Store(error) => Self::Store(error),
        }
    }
}

impl From<AlreadyRevoked> for OfflineError {
    fn from(AlreadyRevoked: AlreadyRevoked) -> Self {
        Self::DeviceRevoked
    }
}
