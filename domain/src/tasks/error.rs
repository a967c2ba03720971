//! Everything that can go wrong here, in business words.

use super::task::DecisionRefused;
use crate::{
    kernel::{AccessError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the decider saw is not what it is now (R5), or somebody else was first.
    #[error("changed meanwhile")]
    ChangedMeanwhile,
    /// Approved by this person before: the second one must be somebody else (M3).
    #[error("second person needed")]
    SecondPersonNeeded,
    /// Nobody decides about what they had a part in.
    #[error("had a part in it")]
    Involved,
    /// Somebody else has the task by now.
    #[error("assigned meanwhile")]
    AssignedMeanwhile,
    /// Whom the task is meant for may not decide it.
    #[error("assignee may not decide it")]
    AssigneeUnfit,
}

impl From<DecisionRefused> for TaskError {
    fn from(refused: DecisionRefused) -> Self {
        match refused {
            DecisionRefused::NotOpen => Self::ChangedMeanwhile,
            DecisionRefused::SamePerson => Self::SecondPersonNeeded,
            DecisionRefused::Involved => Self::Involved,
        }
    }
}
