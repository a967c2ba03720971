//! Opening tasks, in the transaction of what they are about.

use chrono::{DateTime, Utc};

use super::{
    calendar::Calendar,
    kind::TaskKind,
    task::{Parties, Task, TaskPlace, TaskState},
};
use crate::{
    kernel::{Random, id::TaskId},
    store::{StoreError, Tx},
};

/// What a context has somebody decide.
#[derive(Debug, Clone)]
pub struct NewTask {
    pub kind: TaskKind,
    /// TypeID of what it is about.
    pub subject: String,
    pub place: TaskPlace,
    pub parties: Parties,
    /// Two different people must approve (M3).
    pub needs_second_person: bool,
}

impl NewTask {
    /// About something in which nobody who decides had a part.
    pub fn new(kind: TaskKind, subject: impl ToString, place: TaskPlace) -> Self {
        Self {
            kind,
            subject: subject.to_string(),
            place,
            parties: Parties::default(),
            needs_second_person: false,
        }
    }

    pub fn without(self, parties: Parties) -> Self {
        Self { parties, ..self }
    }

    pub fn by_two(self) -> Self {
        Self {
            needs_second_person: true,
            ..self
        }
    }

    fn opened(self, calendar: &Calendar, now: DateTime<Utc>, random: &dyn Random) -> Task {
        let days = self.kind.working_days;
        Task {
            id: TaskId::generate(now, random),
            kind: self.kind.code.to_owned(),
            subject: self.subject,
            place: self.place,
            parties: self.parties,
            needs_second_person: self.needs_second_person,
            opened_at: now,
            remind_at: calendar.reminder(now, days),
            due_at: calendar.due(now, days),
            assignee: None,
            reminded_at: None,
            escalated_at: None,
            state: TaskState::Open { first: None },
        }
    }
}

/// When a task of this kind is due that is opened now.
pub async fn due_of(
    tx: &mut dyn Tx,
    kind: TaskKind,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, StoreError> {
    Ok(Calendar::after(tx, now).await?.due(now, kind.working_days))
}

/// Opens them. A subject that waits already keeps the task that it has.
pub async fn open(
    tx: &mut dyn Tx,
    random: &dyn Random,
    tasks: Vec<NewTask>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if tasks.is_empty() {
        return Ok(());
    }
    let calendar = Calendar::after(tx, now).await?;
    let tasks: Vec<_> = tasks
        .into_iter()
        .map(|task| task.opened(&calendar, now, random))
        .collect();
    tx.tasks().add(&tasks).await?;
    Ok(())
}
