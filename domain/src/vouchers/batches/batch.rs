//! A batch: `draft → submitted → running ⇄ paused → stopped | ended → closed`, with `rejected`
//! beside it. Approval starts it; its end comes with time, not with a sweep. Who drafted or
//! submitted a batch never decides on it.
//!
//! A paused batch neither issues nor feeds; a stopped one issues nothing more, and what was issued
//! stays good.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use super::budget::Unfinished;
use super::rules::BatchRules;
use crate::kernel::{
    Actor, DistrictCode,
    coded::coded,
    id::{AccountId, PersonId, VoucherBatchId},
};

/// A cadre as a human being: the same person behind two accounts is still one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    pub account_id: AccountId,
    pub person_id: Option<PersonId>,
}

impl Officer {
    pub fn of(actor: &Actor) -> Self {
        Self {
            account_id: actor.account_id,
            person_id: actor.person_id,
        }
    }

    pub fn is_same_human(&self, other: &Self) -> bool {
        self.account_id == other.account_id
            || (self.person_id.is_some() && self.person_id == other.person_id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchState {
    Draft {
        /// Why the checker sent it back.
        returned: Option<String>,
    },
    Submitted {
        by: Officer,
    },
    Rejected {
        by: AccountId,
        reason: String,
    },
    Running {
        approved_by: AccountId,
    },
    Paused {
        approved_by: AccountId,
    },
    Stopped {
        approved_by: AccountId,
    },
    /// Nothing is left to use, to give back or to settle; nothing changes any more.
    Closed {
        approved_by: AccountId,
    },
}

coded! {
    /// A batch's state at an instant, without its data.
    BatchStatus {
        Draft "draft",
        Submitted "submitted",
        Rejected "rejected",
        Running "running",
        Paused "paused",
        Stopped "stopped",
        /// Running or paused, and over by now.
        Ended "ended",
        Closed "closed",
    }
}

/// What a checker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchDecision {
    Approve,
    /// Back to the maker, to be mended.
    Return(String),
    Reject(String),
}

/// What is asked of a running batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    Pause,
    Resume,
    Stop,
}

/// The state does not allow this.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("a batch that is {} does not allow this", .0.code())]
pub struct InvalidTransition(pub BatchStatus);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecisionRefused {
    #[error(transparent)]
    State(#[from] InvalidTransition),
    #[error("maker and checker are the same person")]
    SamePerson,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: VoucherBatchId,
    pub name: String,
    pub district: DistrictCode,
    pub rules: BatchRules,
    pub drafted_by: Officer,
    pub created_at: DateTime<Utc>,
    pub state: BatchState,
}

impl Batch {
    pub fn status(&self, now: DateTime<Utc>) -> BatchStatus {
        let over = now >= self.rules.valid_to;
        match self.state {
            BatchState::Draft { .. } => BatchStatus::Draft,
            BatchState::Submitted { .. } => BatchStatus::Submitted,
            BatchState::Rejected { .. } => BatchStatus::Rejected,
            BatchState::Running { .. } | BatchState::Paused { .. } if over => BatchStatus::Ended,
            BatchState::Running { .. } => BatchStatus::Running,
            BatchState::Paused { .. } => BatchStatus::Paused,
            BatchState::Stopped { .. } => BatchStatus::Stopped,
            BatchState::Closed { .. } => BatchStatus::Closed,
        }
    }

    /// Whether workers know of it: from approval on.
    pub fn is_public(&self) -> bool {
        match self.state {
            BatchState::Draft { .. }
            | BatchState::Submitted { .. }
            | BatchState::Rejected { .. } => false,
            BatchState::Running { .. }
            | BatchState::Paused { .. }
            | BatchState::Stopped { .. }
            | BatchState::Closed { .. } => true,
        }
    }

    /// Other words for a draft; submitted rules stay as they are.
    pub fn redraft(
        self,
        name: String,
        rules: BatchRules,
        now: DateTime<Utc>,
    ) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::Draft { .. } => Ok(Self {
                name,
                rules,
                ..self
            }),
            _ => Err(self.refusal(now)),
        }
    }

    pub fn submit(self, by: Officer, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::Draft { .. } => Ok(Self {
                state: BatchState::Submitted { by },
                ..self
            }),
            _ => Err(self.refusal(now)),
        }
    }

    pub fn decide(
        self,
        by: Officer,
        decision: BatchDecision,
        now: DateTime<Utc>,
    ) -> Result<Self, DecisionRefused> {
        let BatchState::Submitted { by: submitter } = self.state else {
            return Err(self.refusal(now).into());
        };
        if by.is_same_human(&submitter) || by.is_same_human(&self.drafted_by) {
            return Err(DecisionRefused::SamePerson);
        }
        let state = match decision {
            BatchDecision::Approve => BatchState::Running {
                approved_by: by.account_id,
            },
            BatchDecision::Return(reason) => BatchState::Draft {
                returned: Some(reason),
            },
            BatchDecision::Reject(reason) => BatchState::Rejected {
                by: by.account_id,
                reason,
            },
        };
        Ok(Self { state, ..self })
    }

    pub fn switch(self, switch: Switch, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        if self.status(now) == BatchStatus::Ended {
            return Err(self.refusal(now));
        }
        let state = match (&self.state, switch) {
            (&BatchState::Running { approved_by }, Switch::Pause) => {
                BatchState::Paused { approved_by }
            }
            (&BatchState::Paused { approved_by }, Switch::Resume) => {
                BatchState::Running { approved_by }
            }
            (
                &(BatchState::Running { approved_by } | BatchState::Paused { approved_by }),
                Switch::Stop,
            ) => BatchState::Stopped { approved_by },
            _ => return Err(self.refusal(now)),
        };
        Ok(Self { state, ..self })
    }

    /// The books are closed once the batch is over; that nothing is left open is for the database
    /// to say.
    pub fn close(self, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        match (self.status(now), &self.state) {
            (
                BatchStatus::Stopped | BatchStatus::Ended,
                &(BatchState::Running { approved_by }
                | BatchState::Paused { approved_by }
                | BatchState::Stopped { approved_by }),
            ) => Ok(Self {
                state: BatchState::Closed { approved_by },
                ..self
            }),
            _ => Err(self.refusal(now)),
        }
    }

    fn refusal(&self, now: DateTime<Utc>) -> InvalidTransition {
        InvalidTransition(self.status(now))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vouchers::testing::{NOW, batch, officer};

    fn approved_by() -> AccountId {
        officer(9).account_id
    }

    fn in_state(status: BatchStatus) -> Batch {
        let state = match status {
            BatchStatus::Draft => BatchState::Draft { returned: None },
            BatchStatus::Submitted => BatchState::Submitted { by: officer(2) },
            BatchStatus::Rejected => BatchState::Rejected {
                by: approved_by(),
                reason: "预算有误".to_owned(),
            },
            BatchStatus::Running | BatchStatus::Ended => BatchState::Running {
                approved_by: approved_by(),
            },
            BatchStatus::Paused => BatchState::Paused {
                approved_by: approved_by(),
            },
            BatchStatus::Stopped => BatchState::Stopped {
                approved_by: approved_by(),
            },
            BatchStatus::Closed => BatchState::Closed {
                approved_by: approved_by(),
            },
        };
        Batch { state, ..batch() }
    }

    fn at(status: BatchStatus) -> DateTime<Utc> {
        if status == BatchStatus::Ended {
            batch().rules.valid_to
        } else {
            NOW
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Action {
        Redraft,
        Submit,
        Approve,
        Return,
        Reject,
        Switch(Switch),
        Close,
    }

    fn act(batch: Batch, action: Action, now: DateTime<Utc>) -> Option<BatchStatus> {
        let rules = batch.rules.clone();
        let after = match action {
            Action::Redraft => batch.redraft("新名称".to_owned(), rules, now).ok(),
            Action::Submit => batch.submit(officer(1), now).ok(),
            Action::Approve => batch.decide(officer(3), BatchDecision::Approve, now).ok(),
            Action::Return => batch
                .decide(officer(3), BatchDecision::Return("请核对".to_owned()), now)
                .ok(),
            Action::Reject => batch
                .decide(officer(3), BatchDecision::Reject("重复".to_owned()), now)
                .ok(),
            Action::Switch(switch) => batch.switch(switch, now).ok(),
            Action::Close => batch.close(now).ok(),
        };
        after.map(|batch| batch.status(now))
    }

    /// Every state × action; what is not listed is refused.
    #[rstest]
    #[case(Action::Redraft, &[(BatchStatus::Draft, BatchStatus::Draft)])]
    #[case(Action::Submit, &[(BatchStatus::Draft, BatchStatus::Submitted)])]
    #[case(Action::Approve, &[(BatchStatus::Submitted, BatchStatus::Running)])]
    #[case(Action::Return, &[(BatchStatus::Submitted, BatchStatus::Draft)])]
    #[case(Action::Reject, &[(BatchStatus::Submitted, BatchStatus::Rejected)])]
    #[case(Action::Switch(Switch::Pause), &[(BatchStatus::Running, BatchStatus::Paused)])]
    #[case(Action::Switch(Switch::Resume), &[(BatchStatus::Paused, BatchStatus::Running)])]
    #[case(Action::Close, &[(BatchStatus::Stopped, BatchStatus::Closed), (BatchStatus::Ended, BatchStatus::Closed)])]
    #[case(Action::Switch(Switch::Stop), &[(BatchStatus::Running, BatchStatus::Stopped), (BatchStatus::Paused, BatchStatus::Stopped)])]
    fn the_whole_transition_table(
        #[case] action: Action,
        #[case] allowed: &[(BatchStatus, BatchStatus)],
    ) {
        for &from in BatchStatus::ALL {
            let expected = allowed
                .iter()
                .find(|(state, _)| *state == from)
                .map(|(_, to)| *to);
            assert_eq!(
                act(in_state(from), action, at(from)),
                expected,
                "{from:?} {action:?}"
            );
        }
    }

    #[rstest]
    #[case::drafter(officer(1))]
    #[case::submitter(officer(2))]
    #[case::submitter_by_another_account(Officer { person_id: officer(2).person_id, ..officer(7) })]
    fn makers_never_check(#[case] checker: Officer) {
        let refused = in_state(BatchStatus::Submitted).decide(checker, BatchDecision::Approve, NOW);
        assert_eq!(refused.unwrap_err(), DecisionRefused::SamePerson);
    }

    #[test]
    fn accounts_without_a_person_are_not_all_the_same_human() {
        let nobody = |n| Officer {
            person_id: None,
            ..officer(n)
        };
        assert!(!nobody(1).is_same_human(&nobody(2)));
    }
}
