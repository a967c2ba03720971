//! A task: `open → decided | withdrawn`. One that needs two people stays open after the first
//! approval until a different person approves as well; a refusal by one is enough (M3).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::kernel::{
    DistrictCode,
    id::{AccountId, PersonId, TaskId, UnionId},
};

/// Where a task belongs: whose cadres see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskPlace {
    pub district: DistrictCode,
    /// For what belongs to a union: its cadres see it too.
    pub union_id: Option<UnionId>,
    /// What people call the place: a union's or a station's name.
    pub name: String,
}

/// Whoever had a part in what is to be decided: they neither decide nor are told. Accounts and
/// persons alike; their ids never coincide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parties(BTreeSet<Uuid>);

impl Parties {
    pub fn new(
        accounts: impl IntoIterator<Item = AccountId>,
        persons: impl IntoIterator<Item = PersonId>,
    ) -> Self {
        let accounts = accounts.into_iter().map(|id| id.uuid());
        let persons = persons.into_iter().map(|id| id.uuid());
        Self(accounts.chain(persons).collect())
    }

    /// As they are stored.
    pub fn of_ids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self(ids.into_iter().collect())
    }

    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.0.iter().copied()
    }

    pub fn include(&self, account: AccountId, person: Option<PersonId>) -> bool {
        self.0.contains(&account.uuid())
            || person.is_some_and(|person| self.0.contains(&person.uuid()))
    }

    pub fn extend(&mut self, others: &Self) {
        self.0.extend(others.ids());
    }
}

/// A person's word on a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    pub by: AccountId,
    /// `None`: the account is tied to no person.
    pub person: Option<PersonId>,
    pub at: DateTime<Utc>,
}

impl Approval {
    /// Two accounts of one human being are one (R2).
    fn is_by_the_same(&self, other: &Self) -> bool {
        self.by == other.by || (self.person.is_some() && self.person == other.person)
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub last: Approval,
    /// In the words of its context: `accept`, `publish`.
    pub word: String,
    pub on_time: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// `first`: approved by one of the two people it needs.
    Open { first: Option<Approval> },
    Decided {
        first: Option<Approval>,
        outcome: Outcome,
    },
    /// The subject needs no decision any more.
    Withdrawn { at: DateTime<Utc> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    /// Of `TaskKind`.
    pub kind: String,
    /// TypeID of what it is about.
    pub subject: String,
    pub place: TaskPlace,
    pub parties: Parties,
    pub needs_second_person: bool,
    pub opened_at: DateTime<Utc>,
    /// When those who may decide are reminded, before it is due.
    pub remind_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub assignee: Option<AccountId>,
    pub reminded_at: Option<DateTime<Utc>>,
    /// When the area above was told.
    pub escalated_at: Option<DateTime<Utc>>,
    pub state: TaskState,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum DecisionRefused {
    #[error("decided or withdrawn before")]
    NotOpen,
    #[error("the same person approved before")]
    SamePerson,
    #[error("the decider had a part in it")]
    Involved,
}

impl Task {
    pub const fn is_open(&self) -> bool {
        matches!(self.state, TaskState::Open { .. })
    }

    /// Who has approved so far, where one more person is needed.
    pub const fn first(&self) -> Option<&Approval> {
        match &self.state {
            TaskState::Open { first } | TaskState::Decided { first, .. } => first.as_ref(),
            TaskState::Withdrawn { .. } => None,
        }
    }

    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.is_open() && self.due_at <= now
    }

    /// One person's word. An approval that is the first of two leaves it open.
    pub fn decide(
        self,
        said: Approval,
        word: &str,
        approves: bool,
    ) -> Result<Self, DecisionRefused> {
        if self.parties.include(said.by, said.person) {
            return Err(DecisionRefused::Involved);
        }
        let TaskState::Open { first } = self.state else {
            return Err(DecisionRefused::NotOpen);
        };
        if approves && first.is_some_and(|first| first.is_by_the_same(&said)) {
            return Err(DecisionRefused::SamePerson);
        }
        let waits = self.needs_second_person && approves && first.is_none();
        let state = if waits {
            TaskState::Open { first: Some(said) }
        } else {
            let outcome = Outcome {
                last: said,
                word: word.to_owned(),
                on_time: said.at <= self.due_at,
            };
            TaskState::Decided { first, outcome }
        };
        Ok(Self { state, ..self })
    }

    pub fn withdraw(self, at: DateTime<Utc>) -> Result<Self, DecisionRefused> {
        match self.state {
            TaskState::Open { .. } => Ok(Self {
                state: TaskState::Withdrawn { at },
                ..self
            }),
            TaskState::Decided { .. } | TaskState::Withdrawn { .. } => {
                Err(DecisionRefused::NotOpen)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;

    use super::*;

    const OPENED: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn account(n: u128) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(n))
    }

    fn person(n: u128) -> Option<PersonId> {
        Some(PersonId::from_uuid(Uuid::from_u128(1_000 + n)))
    }

    fn task(needs_second_person: bool) -> Task {
        Task {
            id: TaskId::from_uuid(Uuid::from_u128(9)),
            kind: "tea_review".to_owned(),
            subject: "tea_1".to_owned(),
            place: TaskPlace {
                district: DistrictCode::parse("370811").unwrap(),
                union_id: None,
                name: "茶馆".to_owned(),
            },
            parties: Parties::new([account(7)], person(8)),
            needs_second_person,
            opened_at: OPENED,
            remind_at: OPENED,
            due_at: OPENED + TimeDelta::days(5),
            assignee: None,
            reminded_at: None,
            escalated_at: None,
            state: TaskState::Open { first: None },
        }
    }

    fn said(by: u128, person: Option<PersonId>, days: i64) -> Approval {
        Approval {
            by: account(by),
            person,
            at: OPENED + TimeDelta::days(days),
        }
    }

    fn decided(task: &Task) -> Option<&Outcome> {
        match &task.state {
            TaskState::Decided { outcome, .. } => Some(outcome),
            TaskState::Open { .. } | TaskState::Withdrawn { .. } => None,
        }
    }

    #[rstest]
    #[case::in_time(5, true)]
    #[case::late(6, false)]
    fn the_outcome_says_whether_it_was_in_time(#[case] days: i64, #[case] on_time: bool) {
        let task = task(false).decide(said(1, None, days), "accept", true);
        let task = task.unwrap();
        assert_eq!(decided(&task).map(|it| it.on_time), Some(on_time));
    }

    #[test]
    fn what_is_closed_is_not_decided_or_withdrawn() {
        let decided = task(false)
            .decide(said(1, None, 1), "accept", true)
            .unwrap();
        let withdrawn = task(false).withdraw(OPENED).unwrap();
        for closed in [decided, withdrawn] {
            let again = closed.clone().decide(said(2, None, 1), "reject", false);
            assert_eq!(again, Err(DecisionRefused::NotOpen));
            assert_eq!(closed.withdraw(OPENED), Err(DecisionRefused::NotOpen));
        }
    }

    #[test]
    fn two_different_people_approve_what_needs_two() {
        let once = task(true)
            .decide(said(1, person(1), 1), "accept", true)
            .unwrap();
        assert!(once.is_open());
        assert_eq!(once.first().map(|first| first.by), Some(account(1)));
        let twice = once.decide(said(2, person(2), 2), "accept", true).unwrap();
        assert_eq!(decided(&twice).map(|it| it.last.by), Some(account(2)));
        assert_eq!(twice.first().map(|first| first.by), Some(account(1)));
    }

    #[rstest]
    #[case::the_same_account(1, None)]
    #[case::another_account_of_the_person(2, person(1))]
    fn the_same_person_does_not_count_twice(#[case] by: u128, #[case] who: Option<PersonId>) {
        let once = task(true)
            .decide(said(1, person(1), 1), "accept", true)
            .unwrap();
        let again = once.clone().decide(said(by, who, 2), "accept", true);
        assert_eq!(again, Err(DecisionRefused::SamePerson));
        assert!(
            decided(&once.decide(said(by, who, 2), "reject", false).unwrap()).is_some(),
            "whoever approved may still refuse"
        );
    }

    #[test]
    fn one_refusal_is_enough() {
        let refused = task(true)
            .decide(said(1, None, 1), "reject", false)
            .unwrap();
        assert_eq!(decided(&refused).map(|it| it.word.as_str()), Some("reject"));
    }

    #[rstest]
    #[case::by_account(7, None)]
    #[case::by_person(1, person(8))]
    fn whoever_had_a_part_in_it_does_not_decide(#[case] by: u128, #[case] who: Option<PersonId>) {
        let word = task(false).decide(said(by, who, 1), "accept", true);
        assert_eq!(word, Err(DecisionRefused::Involved));
    }
}
