//! A session is one refresh-token family. Its tokens are numbered; only the number is stored,
//! because a token is derived from it (see `RefreshTokens`). Nothing in the database signs anybody
//! in, and a repeated refresh gets the same successor as the first.

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::{
    Random,
    id::{AccountId, SessionId},
};

/// A family ends this long after its sign-in.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long a used token still gets its successor again: an answer may be lost on the way.
pub const REPLAY_GRACE: TimeDelta = TimeDelta::seconds(30);

#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub id: SessionId,
    pub account_id: AccountId,
    /// Number of the token that is good now.
    pub generation: u32,
    /// When the token before it was used; `None` for the first.
    pub rotated_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What a genuine refresh token of this session is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The good one: rotate.
    Current,
    /// Used moments ago: its successor once more.
    Repeated,
    /// Used long ago: two parties hold this family, so it must end.
    Reused,
    /// The session has ended, or never got that far.
    Over,
}

impl Session {
    pub fn open(account_id: AccountId, now: DateTime<Utc>, random: &dyn Random) -> Self {
        Self {
            id: SessionId::generate(now, random),
            account_id,
            generation: 0,
            rotated_at: None,
            created_at: now,
            expires_at: now + LIFETIME,
            revoked_at: None,
        }
    }

    pub fn present(&self, generation: u32, now: DateTime<Utc>) -> Presented {
        if self.revoked_at.is_some() || now >= self.expires_at || generation > self.generation {
            return Presented::Over;
        }
        if generation == self.generation {
            return Presented::Current;
        }
        let in_grace = self.rotated_at.is_some_and(|at| now <= at + REPLAY_GRACE);
        if generation + 1 == self.generation && in_grace {
            Presented::Repeated
        } else {
            Presented::Reused
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn session(revoked: bool) -> Session {
        let start = DateTime::UNIX_EPOCH;
        Session {
            id: SessionId::from_uuid(uuid::Uuid::from_u128(1)),
            account_id: AccountId::from_uuid(uuid::Uuid::from_u128(2)),
            generation: 3,
            rotated_at: Some(start + TimeDelta::seconds(100)),
            created_at: start,
            expires_at: start + LIFETIME,
            revoked_at: revoked.then_some(start),
        }
    }

    #[rstest]
    #[case::good(3, 101, Presented::Current)]
    #[case::good_much_later(3, 86_400, Presented::Current)]
    #[case::lost_answer(2, 101, Presented::Repeated)]
    #[case::last_moment_of_grace(2, 130, Presented::Repeated)]
    #[case::after_the_grace(2, 131, Presented::Reused)]
    #[case::older_than_the_one_before(1, 101, Presented::Reused)]
    #[case::from_the_future(4, 101, Presented::Over)]
    #[case::expired(3, 30 * 86_400, Presented::Over)]
    #[case::expired_and_used(2, 30 * 86_400, Presented::Over)]
    fn a_token_is_worth_what_its_number_says(
        #[case] number: u32,
        #[case] second: i64,
        #[case] worth: Presented,
    ) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        assert_eq!(session(false).present(number, now), worth);
        assert_eq!(session(true).present(number, now), Presented::Over);
    }
}
