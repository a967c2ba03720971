//! Everything that can go wrong here, in business words.

use std::time::Duration;

use super::{
    sessions::ports::{HashingFailed, TokenFailed},
    wechat::WechatError,
};
use crate::{
    kernel::{AccessError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Wechat(#[from] WechatError),
    /// The `wx.login` code is used up, expired or made up.
    #[error("sign-in code refused")]
    SignInCodeRefused,
    /// No token, a bad one, or one whose session is over.
    #[error("not signed in")]
    Unauthenticated,
    /// Not a refresh token of a live session.
    #[error("refresh token refused")]
    RefreshRefused,
    /// A used refresh token came back too late: the session was revoked.
    #[error("refresh token reused, session revoked")]
    RefreshReused,
    /// Unknown user, wrong password or wrong second factor: the same answer.
    #[error("credentials refused")]
    CredentialsRefused,
    /// The password is right; the enrolled second factor is missing.
    #[error("second factor required")]
    TotpRequired,
    /// Too many wrong tries on one user name.
    #[error("account locked")]
    Locked { retry_after: Duration },
    /// Too many sign-ins from one address or for one user name.
    #[error("too many sign-ins")]
    TooOften { retry_after: Duration },
    #[error("no such invitation")]
    InvitationUnknown,
    #[error("invitation expired")]
    InvitationExpired,
    /// Somebody else used it.
    #[error("invitation already used")]
    InvitationUsed,
    #[error("user name taken")]
    UsernameTaken,
    /// A confirmed second factor cannot be enrolled over.
    #[error("second factor already confirmed")]
    TotpAlreadyConfirmed,
    /// Nothing to confirm: enrolment was not started.
    #[error("second factor not enrolled")]
    TotpNotStarted,
    /// The code does not fit the secret that is to be confirmed.
    #[error("second factor code refused")]
    TotpRefused,
    #[error(transparent)]
    Token(#[from] TokenFailed),
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    #[error(transparent)]
    Store(#[from] StoreError),
}
