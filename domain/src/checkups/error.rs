//! Everything that can go wrong here, in business words.

use super::bookings::booking::BookingStatus;
use crate::{
    kernel::{AccessError, IdempotencyError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum CheckupError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] StoreError),

    /// Nobody's member yet: join first.
    #[error("not a member")]
    NotAMember,
    /// In the holding pool: a grass-roots union has to accept first.
    #[error("still in the holding pool")]
    InThePool,
    /// Every seat of the slot is taken.
    #[error("slot is full")]
    SlotFull,
    /// The slot is over.
    #[error("slot is over")]
    SlotOver,
    /// The person holds a live booking in this campaign (B2).
    #[error("already booked in this campaign")]
    AlreadyBooked,
    /// The person has had this year's check (B2).
    #[error("already checked in {year}")]
    NotEligibleThisYear { year: i32 },
    /// Less than the cut-off is left before the slot starts.
    #[error("too late to cancel")]
    TooLateToCancel,
    /// The booking is past, or short of, the state that this step starts from.
    #[error("booking is {is:?}")]
    WrongState { is: BookingStatus },
    /// The person no longer agrees to the processing of health data (P1).
    #[error("health consent was withdrawn")]
    ConsentWithdrawn,

    /// Not a code of ours, or somebody altered it.
    #[error("check-in code is not genuine")]
    CodeInvalid,
    /// Genuine, but not at the time of the scan.
    #[error("check-in code has expired")]
    CodeExpired,
    /// Genuine, but for another session.
    #[error("check-in code belongs to another session")]
    WrongSession,
    /// The scan is not between the day before the session and its end.
    #[error("check-in is closed at that time")]
    CheckInClosed,
    /// The scan claims a time that cannot be.
    #[error("scan time cannot be")]
    ClockSkew,
}
