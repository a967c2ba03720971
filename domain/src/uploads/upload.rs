//! One photo from the request for a form to its settlement.
//!
//! `awaiting_object → checking → ready | refused`, `expired` when nothing usable came in time. A
//! check that was cut off (a crash, a dropped connection) may be taken over after [`CHECK_LEASE`].

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    declaration::{PhotoType, Purpose},
    object_key::ObjectToken,
    objects::UploadPolicy,
    refusal::Refusal,
};
use crate::kernel::id::{AccountId, UploadId};

/// Most bytes of an original.
pub const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// How long the phone may use its form.
pub const FORM_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How long completion may be reported; afterwards the original is swept away.
pub const UPLOAD_LIFE: TimeDelta = TimeDelta::hours(24);
/// How long one check may take before another may begin it anew.
pub const CHECK_LEASE: TimeDelta = TimeDelta::minutes(2);

/// The status of an upload that was given up.
pub const EXPIRED: &str = "expired";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadState {
    AwaitingObject,
    Checking {
        since: DateTime<Utc>,
    },
    Ready {
        at: DateTime<Utc>,
        width: u32,
        height: u32,
    },
    Refused {
        at: DateTime<Utc>,
        refusal: Refusal,
    },
    Expired {
        at: DateTime<Utc>,
    },
}

impl UploadState {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AwaitingObject => "awaiting_object",
            Self::Checking { .. } => "checking",
            Self::Ready { .. } => "ready",
            Self::Refused { .. } => "refused",
            Self::Expired { .. } => EXPIRED,
        }
    }
}

/// The state does not allow this.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an upload that is {from} cannot do this")]
pub struct InvalidTransition {
    pub from: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: UploadId,
    pub owner: AccountId,
    pub purpose: Purpose,
    pub content_type: PhotoType,
    pub token: ObjectToken,
    pub created_at: DateTime<Utc>,
    pub state: UploadState,
}

impl Upload {
    /// What the object store lets the phone post.
    pub fn policy(&self) -> UploadPolicy {
        UploadPolicy {
            key: self.token.original(),
            content_type: self.content_type.code().to_owned(),
            min_bytes: 1,
            max_bytes: MAX_BYTES,
            issued_at: self.created_at,
            expires_at: self.created_at + FORM_LIFE,
        }
    }

    /// What people are told. Expiry is a property of time, not of the sweep.
    pub fn status(&self, now: DateTime<Utc>) -> &'static str {
        if self.is_free(now) && self.is_past_life(now) {
            EXPIRED
        } else {
            self.state.name()
        }
    }

    /// Nothing changes any more.
    pub fn is_settled(&self) -> bool {
        !matches!(
            self.state,
            UploadState::AwaitingObject | UploadState::Checking { .. }
        )
    }

    /// Takes the check, or takes it over from one that was cut off.
    pub fn begin_check(self, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        let possible = self.is_free(now) && !self.is_past_life(now);
        if possible {
            Ok(self.into(UploadState::Checking { since: now }))
        } else {
            self.refused()
        }
    }

    /// The check could not be finished for reasons outside the photo.
    pub fn release(self) -> Result<Self, InvalidTransition> {
        self.settle_check(UploadState::AwaitingObject)
    }

    pub fn pass(
        self,
        width: u32,
        height: u32,
        now: DateTime<Utc>,
    ) -> Result<Self, InvalidTransition> {
        self.settle_check(UploadState::Ready {
            at: now,
            width,
            height,
        })
    }

    pub fn refuse(self, refusal: Refusal, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        self.settle_check(UploadState::Refused { at: now, refusal })
    }

    /// Given up: only after its life has ended, never during a check, never once settled.
    pub fn expire(self, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        if self.is_free(now) && self.is_past_life(now) {
            Ok(self.into(UploadState::Expired { at: now }))
        } else {
            self.refused()
        }
    }

    /// Unsettled, and nobody is checking it.
    fn is_free(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            UploadState::AwaitingObject => true,
            UploadState::Checking { since } => now >= since + CHECK_LEASE,
            UploadState::Ready { .. }
            | UploadState::Refused { .. }
            | UploadState::Expired { .. } => false,
        }
    }

    /// Completion would come too late.
    fn is_past_life(&self, now: DateTime<Utc>) -> bool {
        now >= self.created_at + UPLOAD_LIFE
    }

    fn settle_check(self, next: UploadState) -> Result<Self, InvalidTransition> {
        if matches!(self.state, UploadState::Checking { .. }) {
            Ok(self.into(next))
        } else {
            self.refused()
        }
    }

    fn into(self, state: UploadState) -> Self {
        Self { state, ..self }
    }

    fn refused(self) -> Result<Self, InvalidTransition> {
        Err(InvalidTransition {
            from: self.state.name(),
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const CREATED: &str = "2026-06-01T00:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn state(name: &str) -> UploadState {
        let since = at("2026-06-01T00:05:00Z");
        match name {
            "awaiting_object" => UploadState::AwaitingObject,
            "checking" => UploadState::Checking { since },
            "ready" => UploadState::Ready {
                at: since,
                width: 1,
                height: 1,
            },
            "refused" => UploadState::Refused {
                at: since,
                refusal: Refusal::Damaged,
            },
            _ => UploadState::Expired { at: since },
        }
    }

    fn upload(state: UploadState) -> Upload {
        Upload {
            id: UploadId::from_uuid(Uuid::from_u128(1)),
            owner: AccountId::from_uuid(Uuid::from_u128(2)),
            purpose: Purpose::WishPhoto,
            content_type: PhotoType::Jpeg,
            token: ObjectToken::parse(&"0".repeat(32)).unwrap(),
            created_at: at(CREATED),
            state,
        }
    }

    fn act(upload: Upload, action: &str, now: DateTime<Utc>) -> Result<Upload, InvalidTransition> {
        match action {
            "begin_check" => upload.begin_check(now),
            "release" => upload.release(),
            "pass" => upload.pass(4, 3, now),
            "refuse" => upload.refuse(Refusal::NotAPicture, now),
            _ => upload.expire(now),
        }
    }

    /// `soon` is within a check's lease, `later` after it, `next_day` after the upload's life; `-`
    /// is refused.
    #[rstest]
    #[case("begin_check", "soon", ["checking", "-", "-", "-", "-"])]
    #[case("begin_check", "later", ["checking", "checking", "-", "-", "-"])]
    #[case("begin_check", "next_day", ["-", "-", "-", "-", "-"])]
    #[case("release", "soon", ["-", "awaiting_object", "-", "-", "-"])]
    #[case("pass", "soon", ["-", "ready", "-", "-", "-"])]
    #[case("refuse", "soon", ["-", "refused", "-", "-", "-"])]
    #[case("expire", "soon", ["-", "-", "-", "-", "-"])]
    #[case("expire", "later", ["-", "-", "-", "-", "-"])]
    #[case("expire", "next_day", ["expired", "expired", "-", "-", "-"])]
    fn every_state_and_action(
        #[case] action: &str,
        #[case] when: &str,
        #[case] expected: [&str; 5],
    ) {
        let now = at(match when {
            "soon" => "2026-06-01T00:06:59Z",
            "later" => "2026-06-01T00:07:00Z",
            _ => "2026-06-02T00:00:00Z",
        });
        for (from, expected) in ["awaiting_object", "checking", "ready", "refused", "expired"]
            .iter()
            .zip(expected)
        {
            let result = act(upload(state(from)), action, now);
            let became = result.as_ref().map_or("-", |upload| upload.state.name());
            assert_eq!(became, expected, "{action} on {from} {when}");
            if let Err(refused) = result {
                assert_eq!(refused.from, *from);
            }
        }
    }

    #[test]
    fn a_check_begun_just_before_the_end_is_not_given_up() {
        let last_minute = UploadState::Checking {
            since: at("2026-06-01T23:59:59Z"),
        };
        let midnight = at("2026-06-02T00:00:00Z");
        assert!(upload(last_minute.clone()).expire(midnight).is_err());
        assert_eq!(upload(last_minute).status(midnight), "checking");
        assert_eq!(
            upload(UploadState::AwaitingObject).status(midnight),
            EXPIRED
        );
        assert_eq!(upload(state("ready")).status(midnight), "ready");
    }

    #[test]
    fn the_form_pins_one_new_object_for_ten_minutes() {
        let policy = upload(UploadState::AwaitingObject).policy();
        assert_eq!(
            policy.key,
            ObjectToken::parse(&"0".repeat(32)).unwrap().original()
        );
        assert_eq!((policy.min_bytes, policy.max_bytes), (1, 10_485_760));
        assert_eq!(policy.expires_at, at("2026-06-01T00:10:00Z"));
    }
}
