//! Everything that can go wrong here, in business words.

use std::time::Duration;

use super::standing::lifecycle::InvalidTransition;
use crate::{
    identity::wechat::WechatError,
    kernel::{AccessError, IdempotencyError, Invalid},
    store::StoreError,
    tasks::TaskError,
};

#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Task(#[from] TaskError),
    /// WeChat did not tell the phone number.
    #[error(transparent)]
    Wechat(#[from] WechatError),
    /// The person has a live membership or application (M1).
    #[error("already a member")]
    AlreadyMember,
    /// Another applicant is taking this phone at this very moment (M7).
    #[error("phone is being used for another application")]
    PhoneInUse,
    /// The account belongs to another person.
    #[error("account belongs to another person")]
    AccountOfAnother,
    /// The membership is in a state that does not allow the step.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// Somebody else changed it between our reading and our writing (M8).
    #[error("changed meanwhile")]
    ChangedMeanwhile,
    /// Nobody reviews themselves (M3).
    #[error("own application")]
    OwnApplication,
    /// The caller has no membership that this could be about.
    #[error("no membership")]
    NoMembership,
    /// A union of this name exists.
    #[error("union exists")]
    UnionExists,
    /// The consent carries a live membership: that must end first.
    #[error("consent is needed by the live membership")]
    ConsentNeeded,
    /// The card's code is forged, damaged or out of time.
    #[error("card code refused")]
    CardRefused,
    #[error("too many reveals")]
    TooMany { retry_after: Duration },
}
