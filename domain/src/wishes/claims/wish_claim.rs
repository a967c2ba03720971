//! A donor's claim on a wish: `active → dispatched → fulfilled`, with `cancelled` (by the donor)
//! and `lapsed` (by the clock) beside it.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::{
    Actor,
    coded::coded,
    id::{AccountId, PersonId, WishClaimId, WishId},
};

/// Live claims a donor may hold at once (W8).
pub const MAX_LIVE_CLAIMS: i16 = 5;

/// How long a claim may go without dispatch (W6).
pub fn time_to_dispatch() -> TimeDelta {
    TimeDelta::hours(72)
}

/// When the donor is reminded, counted from the claim.
pub fn time_to_reminder() -> TimeDelta {
    TimeDelta::hours(48)
}

/// Who wants to fulfil a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Donor {
    pub account_id: AccountId,
    pub person_id: Option<PersonId>,
}

impl Donor {
    pub fn of(actor: &Actor) -> Self {
        Self {
            account_id: actor.account_id,
            person_id: actor.person_id,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishClaim {
    pub id: WishClaimId,
    pub wish_id: WishId,
    pub donor_id: AccountId,
    /// What the worker may see; `None`: an anonymous well-wisher.
    pub display_name: Option<String>,
    pub claimed_at: DateTime<Utc>,
    pub lapses_at: DateTime<Utc>,
    pub state: ClaimState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimState {
    Active,
    Dispatched {
        at: DateTime<Utc>,
        parcel: Parcel,
    },
    Fulfilled {
        at: DateTime<Utc>,
    },
    Cancelled {
        at: DateTime<Utc>,
        reason: Option<String>,
    },
    Lapsed {
        at: DateTime<Utc>,
    },
}

/// How the goods travel; both empty when the donor brings them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parcel {
    pub carrier: Option<String>,
    pub tracking_no: Option<String>,
}

coded! {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    ClaimStatus {
        Active "active",
        Dispatched "dispatched",
        Fulfilled "fulfilled",
        Cancelled "cancelled",
        Lapsed "lapsed",
    }
}

impl fmt::Display for ClaimStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The action does not exist in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not possible while {from}")]
pub struct InvalidClaimTransition {
    pub from: ClaimStatus,
}

impl WishClaim {
    pub fn open(
        id: WishClaimId,
        wish_id: WishId,
        donor: &Donor,
        display_name: Option<String>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            wish_id,
            donor_id: donor.account_id,
            display_name,
            claimed_at: now,
            lapses_at: now + time_to_dispatch(),
            state: ClaimState::Active,
        }
    }

    pub fn status(&self) -> ClaimStatus {
        match self.state {
            ClaimState::Active => ClaimStatus::Active,
            ClaimState::Dispatched { .. } => ClaimStatus::Dispatched,
            ClaimState::Fulfilled { .. } => ClaimStatus::Fulfilled,
            ClaimState::Cancelled { .. } => ClaimStatus::Cancelled,
            ClaimState::Lapsed { .. } => ClaimStatus::Lapsed,
        }
    }

    /// Welcome even past `lapses_at`, as long as the clock's job has not come by: the goods are on
    /// their way.
    pub fn dispatch(
        self,
        parcel: Parcel,
        now: DateTime<Utc>,
    ) -> Result<Self, InvalidClaimTransition> {
        let ClaimState::Active = self.state else {
            return self.refuse();
        };
        Ok(Self {
            state: ClaimState::Dispatched { at: now, parcel },
            ..self
        })
    }

    /// Goods that are here were dispatched, whether or not the donor said so; so nothing can lapse
    /// any more.
    pub fn arrive(self, now: DateTime<Utc>) -> Result<Self, InvalidClaimTransition> {
        match self.state {
            ClaimState::Active => self.dispatch(Parcel::default(), now),
            ClaimState::Dispatched { .. } => Ok(self),
            _ => self.refuse(),
        }
    }

    pub fn fulfil(self, now: DateTime<Utc>) -> Result<Self, InvalidClaimTransition> {
        let ClaimState::Dispatched { .. } = self.state else {
            return self.refuse();
        };
        Ok(Self {
            state: ClaimState::Fulfilled { at: now },
            ..self
        })
    }

    pub fn cancel(
        self,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Self, InvalidClaimTransition> {
        match self.state {
            ClaimState::Active | ClaimState::Dispatched { .. } => Ok(Self {
                state: ClaimState::Cancelled { at: now, reason },
                ..self
            }),
            _ => self.refuse(),
        }
    }

    /// Only a claim that was never dispatched, and only after its time.
    pub fn lapse(self, now: DateTime<Utc>) -> Result<Self, InvalidClaimTransition> {
        let ClaimState::Active = self.state else {
            return self.refuse();
        };
        if now < self.lapses_at {
            return self.refuse();
        }
        Ok(Self {
            state: ClaimState::Lapsed { at: now },
            ..self
        })
    }

    fn refuse<T>(&self) -> Result<T, InvalidClaimTransition> {
        Err(InvalidClaimTransition {
            from: self.status(),
        })
    }
}

#[cfg(test)]
#[path = "wish_claim_tests.rs"]
mod tests;
