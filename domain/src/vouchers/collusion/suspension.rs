//! A suspension: the redemption is not paid until a reviewer has decided. `open → released | rejected`. A
//! released one may be held again for another signal, never for the same.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::signal::Signal;
use crate::{
    kernel::{
        DistrictCode, Invalid,
        coded::coded,
        id::{AccountId, PersonId},
    },
    vouchers::scans::redemption::{Redemption, RedemptionState},
};

coded! {
    /// What a reviewer says.
    SuspensionDecision {
        /// All is well: it will be paid.
        Lift "lifted",
        /// It never was a meal: annulled, the voucher is void, nothing is paid.
        Reject "rejected",
    }
}

impl SuspensionDecision {
    /// A word as it was sent.
    pub fn of_word(text: &str) -> Result<Self, Invalid> {
        let mut all = Self::ALL.iter().copied();
        let unknown = || {
            let mend = "请选择 lift（予以结算）或 reject（不予认可）";
            Invalid::field("decision", "decision_unknown", mend)
        };
        all.find(|decision| decision.word() == text)
            .ok_or_else(unknown)
    }

    /// As it is asked for.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lift => "lift",
            Self::Reject => "reject",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    pub decision: SuspensionDecision,
    pub by: AccountId,
    pub at: DateTime<Utc>,
    pub reason: String,
}

/// One signal that speaks about it.
#[derive(Debug, Clone, PartialEq)]
pub struct NotedSignal {
    pub signal: Signal,
    pub evidence: Value,
    pub noticed_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Suspension {
    pub redemption: Redemption,
    /// Where the redemption's station is.
    pub district: DistrictCode,
    pub suspended_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub decided: Option<Ruling>,
    /// Signals that speak about it so far.
    pub signals: i64,
}

coded! {
    SuspensionStatus {
        /// Waits for a reviewer.
        Open "open",
        Lifted "lifted",
        Rejected "rejected",
        /// Staff annulled the redemption first: there is nothing left to pay.
        Moot "moot",
    }
}

/// A suspension as reviewers see it, with everything that speaks for it.
#[derive(Debug, Clone)]
pub struct SuspensionView {
    pub suspension: Suspension,
    pub station_name: String,
    pub notices: Vec<NotedSignal>,
    pub is_overdue: bool,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReviewRefused {
    #[error("decided or annulled before")]
    NotOpen,
    #[error("the reviewer scanned or ate it")]
    Involved,
}

impl Suspension {
    pub fn status(&self) -> SuspensionStatus {
        match (&self.decided, &self.redemption.state) {
            (
                Some(Ruling {
                    decision: SuspensionDecision::Lift,
                    ..
                }),
                _,
            ) => SuspensionStatus::Lifted,
            (
                Some(Ruling {
                    decision: SuspensionDecision::Reject,
                    ..
                }),
                _,
            ) => SuspensionStatus::Rejected,
            (None, RedemptionState::Annulled { .. }) => SuspensionStatus::Moot,
            (None, _) => SuspensionStatus::Open,
        }
    }

    /// What a decision has to name: it grows with each signal and each decision. Only a new signal
    /// opens it again.
    pub const fn revision(&self) -> i64 {
        2 * self.signals + self.decided.is_some() as i64
    }

    /// `staff` is the human being behind the account that scanned.
    pub fn decide(
        self,
        decided: Ruling,
        reviewer: Option<PersonId>,
        staff: Option<PersonId>,
    ) -> Result<Self, ReviewRefused> {
        let scanned =
            decided.by == self.redemption.staff_id || (reviewer.is_some() && reviewer == staff);
        if scanned || reviewer == Some(self.redemption.person_id) {
            return Err(ReviewRefused::Involved);
        }
        match self.status() {
            SuspensionStatus::Open => Ok(Self {
                decided: Some(decided),
                ..self
            }),
            SuspensionStatus::Lifted | SuspensionStatus::Rejected | SuspensionStatus::Moot => {
                Err(ReviewRefused::NotOpen)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vouchers::testing::{NOW, officer, redemption};

    fn suspension() -> Suspension {
        let district = DistrictCode::parse("370811").unwrap();
        Suspension {
            redemption: redemption(),
            district,
            suspended_at: NOW,
            due_at: NOW,
            decided: None,
            signals: 1,
        }
    }

    fn by(n: u128) -> Ruling {
        let (decision, by) = (SuspensionDecision::Lift, officer(n).account_id);
        Ruling {
            decision,
            by,
            at: NOW,
            reason: "已核对".to_owned(),
        }
    }

    #[test]
    fn it_is_decided_once() {
        let decided = suspension().decide(by(9), None, None).unwrap();
        assert_eq!(decided.status(), SuspensionStatus::Lifted);
        assert_eq!(
            decided.decide(by(9), None, None),
            Err(ReviewRefused::NotOpen)
        );
    }

    #[test]
    fn an_annulled_redemption_leaves_nothing_to_decide() {
        let state = RedemptionState::Annulled {
            at: NOW,
            by: officer(6).account_id,
            reason: "扫错".to_owned(),
        };
        let moot = Suspension {
            redemption: Redemption {
                state,
                ..redemption()
            },
            ..suspension()
        };
        assert_eq!(moot.status(), SuspensionStatus::Moot);
        assert_eq!(moot.decide(by(9), None, None), Err(ReviewRefused::NotOpen));
    }

    /// The redemption was scanned by 6 and eaten by 5.
    #[rstest]
    #[case::scanned_it(6, None)]
    #[case::scanned_it_by_another_account(9, officer(6).person_id)]
    #[case::ate_it(9, officer(5).person_id)]
    fn whoever_had_a_part_in_it_does_not_decide(
        #[case] account: u128,
        #[case] person: Option<PersonId>,
    ) {
        assert_eq!(
            suspension().decide(by(account), person, officer(6).person_id),
            Err(ReviewRefused::Involved)
        );
    }

    #[test]
    fn people_unknown_on_both_sides_are_not_the_same() {
        assert!(suspension().decide(by(9), None, None).is_ok());
    }
}
