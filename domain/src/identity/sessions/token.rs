//! What the two kinds of token say.

use chrono::TimeDelta;

use crate::kernel::id::{AccountId, SessionId};

/// How long an access token is good for.
pub const ACCESS_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How far the clocks of two of our processes may differ.
pub const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// Whom an access token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    pub account_id: AccountId,
    pub session_id: SessionId,
}

/// Which token of which family a refresh token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshClaims {
    pub session_id: SessionId,
    pub generation: u32,
}
