//! A wish and its life: `checking → reviewing → published → claimed → in_transit → at_station →
//! handed_over → thanked`, with `returned`, `rejected` and `withdrawn` beside it. Each state
//! carries what only it has; an action that the state does not know is refused, so a wish is frozen
//! once claimed (W3) and never thanked before a handover (W7).

pub mod content;
pub mod status;

pub(crate) mod submit;
pub(crate) mod withdraw;

mod claimed;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use super::{
    claims::wish_claim::Donor,
    handover::pickup::{Guess, Pickup, PickupCode},
    moderation::text_check::{TextVerdict, Verdict},
};
use crate::kernel::{
    DistrictCode,
    id::{AccountId, PersonId, StationId, UploadId, WishClaimId, WishId},
};
use content::WishContent;
use status::WishStatus;

const RISKY_REASON: &str = "内容未通过安全检测，请修改文字后重新提交";

#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    pub id: WishId,
    /// The sign-in that wished; notices go there.
    pub account_id: AccountId,
    /// Limits count persons (W2).
    pub person_id: PersonId,
    pub station_id: StationId,
    /// The station's district: whose cadres review it.
    pub district: DistrictCode,
    pub content: WishContent,
    pub submitted_at: DateTime<Utc>,
    pub state: WishState,
    /// As loaded; a save takes effect only while the database still has it.
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WishState {
    Checking,
    Reviewing {
        due_at: DateTime<Utc>,
        machine: MachineOpinion,
    },
    Returned {
        reason: String,
    },
    Rejected {
        reason: String,
    },
    Withdrawn,
    Published {
        at: DateTime<Utc>,
    },
    Claimed(Taken),
    InTransit(Taken),
    AtStation {
        taken: Taken,
        arrived_at: DateTime<Utc>,
        pickup: Pickup,
    },
    HandedOver {
        taken: Taken,
        at: DateTime<Utc>,
    },
    Thanked {
        taken: Taken,
        handed_over_at: DateTime<Utc>,
        thanks: Thanks,
    },
}

/// Published once, and now in one claim's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub published_at: DateTime<Utc>,
    pub claim_id: WishClaimId,
}

/// What the machine told the cadre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineOpinion {
    pub verdict: Verdict,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thanks {
    pub message: String,
    pub photo_ids: Vec<UploadId>,
    /// The person agreed to be recognised on the photos (W10).
    pub face_consent: bool,
    /// The machine passed the message; anything less stays between the worker and the union.
    pub passed: bool,
    pub at: DateTime<Utc>,
}

/// The action does not exist in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not possible while {from}")]
pub struct InvalidTransition {
    pub from: WishStatus,
}

/// Why a donor does not get a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimRefusal {
    /// Not published: for a stranger it does not exist.
    Hidden,
    Own,
    Taken,
}

/// What became of a handover.
#[derive(Debug, Clone, PartialEq)]
pub enum Handover {
    Done(Wish),
    WrongCode { wish: Wish, left: u8 },
    Locked { until: DateTime<Utc> },
}

impl Wish {
    pub fn status(&self) -> WishStatus {
        match self.state {
            WishState::Checking => WishStatus::Checking,
            WishState::Reviewing { .. } => WishStatus::Reviewing,
            WishState::Returned { .. } => WishStatus::Returned,
            WishState::Rejected { .. } => WishStatus::Rejected,
            WishState::Withdrawn => WishStatus::Withdrawn,
            WishState::Published { .. } => WishStatus::Published,
            WishState::Claimed(_) => WishStatus::Claimed,
            WishState::InTransit(_) => WishStatus::InTransit,
            WishState::AtStation { .. } => WishStatus::AtStation,
            WishState::HandedOver { .. } => WishStatus::HandedOver,
            WishState::Thanked { .. } => WishStatus::Thanked,
        }
    }

    /// The claim it is, or was at last, in the hands of.
    pub fn taken(&self) -> Option<Taken> {
        match self.state {
            WishState::Claimed(taken)
            | WishState::InTransit(taken)
            | WishState::AtStation { taken, .. }
            | WishState::HandedOver { taken, .. }
            | WishState::Thanked { taken, .. } => Some(taken),
            WishState::Checking
            | WishState::Reviewing { .. }
            | WishState::Returned { .. }
            | WishState::Rejected { .. }
            | WishState::Withdrawn
            | WishState::Published { .. } => None,
        }
    }

    pub fn published_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            WishState::Published { at } => Some(at),
            _ => self.taken().map(|taken| taken.published_at),
        }
    }

    /// The machine has spoken: on to the cadre, who has until `due_at`, or back to the worker.
    pub fn judged(
        self,
        verdict: &TextVerdict,
        due_at: DateTime<Utc>,
    ) -> Result<Self, InvalidTransition> {
        let WishState::Checking = self.state else {
            return self.refuse();
        };
        let state = match verdict.verdict {
            Verdict::Risky => WishState::Returned {
                reason: RISKY_REASON.to_owned(),
            },
            Verdict::Pass | Verdict::Review => WishState::Reviewing {
                due_at,
                machine: MachineOpinion {
                    verdict: verdict.verdict,
                    label: verdict.label.clone(),
                },
            },
        };
        Ok(self.into_state(state))
    }

    pub fn publish(self, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        let WishState::Reviewing { .. } = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::Published { at: now }))
    }

    /// Back to the worker, who may wish again.
    pub fn send_back(self, reason: String) -> Result<Self, InvalidTransition> {
        let WishState::Reviewing { .. } = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::Returned { reason }))
    }

    pub fn reject(self, reason: String) -> Result<Self, InvalidTransition> {
        let WishState::Reviewing { .. } = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::Rejected { reason }))
    }

    /// By the worker, before a claim.
    pub fn withdraw(self) -> Result<Self, InvalidTransition> {
        match self.state {
            WishState::Checking
            | WishState::Reviewing { .. }
            | WishState::Returned { .. }
            | WishState::Published { .. } => Ok(self.into_state(WishState::Withdrawn)),
            _ => self.refuse(),
        }
    }

    fn into_state(self, state: WishState) -> Self {
        Self { state, ..self }
    }

    fn refuse<T>(&self) -> Result<T, InvalidTransition> {
        Err(InvalidTransition {
            from: self.status(),
        })
    }
}
