//! Closing tasks, in the transaction of the decision. Of two decisions at once one wins.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    error::TaskError,
    kind::TaskKind,
    task::{Approval, Task},
};
use crate::{
    audit::Deed,
    kernel::{Actor, Random},
    store::{StoreError, Tx},
};

/// A decision that a context is about to carry out.
#[derive(Debug, Clone)]
pub struct TaskDecision<'a> {
    pub kind: TaskKind,
    /// TypeID of what is decided.
    pub subject: String,
    /// In the words of its context: `accept`, `publish`.
    pub word: &'a str,
    /// A yes: where two people are needed, the first one decides nothing yet.
    pub approves: bool,
}

/// What the decision came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Carry it out.
    Decided,
    /// The first of two approvals: commit, and change nothing yet.
    WaitsForSecondPerson,
}

/// Decides about the open task of a subject.
///
/// # Errors
/// `ChangedMeanwhile` when nothing is open about the subject, or somebody else was first;
/// `SecondPersonNeeded`, `Involved`.
pub async fn decide(
    tx: &mut dyn Tx,
    random: &dyn Random,
    actor: &Actor,
    ruling: &TaskDecision<'_>,
    now: DateTime<Utc>,
) -> Result<Closing, TaskError> {
    let open = tx
        .tasks()
        .find_open(ruling.kind.code, &ruling.subject)
        .await?
        .ok_or(TaskError::ChangedMeanwhile)?;
    let read_first = open.first().map(|first| first.by);
    let said = Approval {
        by: actor.account_id,
        person: actor.person_id,
        at: now,
    };
    let task = open.decide(said, ruling.word, ruling.approves)?;
    if !tx.tasks().decide(&task, read_first).await? {
        return Err(TaskError::ChangedMeanwhile);
    }
    if !task.is_open() {
        return Ok(Closing::Decided);
    }
    let deed = approved_once(&task).by(actor, now, random);
    tx.audit().append(deed).await?;
    Ok(Closing::WaitsForSecondPerson)
}

fn approved_once(task: &Task) -> Deed {
    Deed::new("task.approved_once", task.id)
        .within(task.place.district)
        .with(json!({ "kind": task.kind, "subject": task.subject }))
}

/// Closes what is open about subjects that need no decision any more. Returns how many.
pub async fn withdraw(
    tx: &mut dyn Tx,
    kind: TaskKind,
    subjects: &[String],
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    tx.tasks().withdraw(kind.code, subjects, now).await
}

/// A decision is about what its decider saw (R5).
pub const fn unchanged(seen: i64, actual: i64) -> Result<(), TaskError> {
    if seen == actual {
        Ok(())
    } else {
        Err(TaskError::ChangedMeanwhile)
    }
}
