//! Reminders before the due time: to whom a task is assigned, else to those who may decide. One
//! message for all that waits at a place.

use std::collections::BTreeMap;

use super::{
    TaskService,
    hearers::{Circle, tell},
    news,
    task::{Parties, Task, TaskPlace},
};
use crate::{
    kernel::{id::AccountId, values::local_time},
    notices::Recipient,
    store::StoreError,
};

/// What is told in one message: kind, place, and whose it is.
type Heap = (String, TaskPlace, Option<AccountId>);

impl TaskService {
    /// One bounded step of the job: up to `limit` tasks. Returns how many it reminded of.
    pub async fn remind(&self, limit: u64) -> Result<u64, StoreError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let tasks = tx.tasks().take_reminders(now, limit).await?;
        let count = tasks.len() as u64;
        for ((kind, place, assignee), tasks) in heaps(tasks) {
            let Some(first) = first_due(&tasks) else {
                continue;
            };
            let hearers = match assignee {
                Some(assignee) => [assignee].into(),
                None => {
                    let parties = parties_of(&tasks);
                    Circle::of(&place).hearers(&mut *tx, &parties).await?
                }
            };
            let message = |to: Recipient| {
                to.template(&news::DUE_SOON)
                    .with("place", &place.name)
                    .with("count", tasks.len())
                    .with("kind", self.label(&kind))
                    .with("due", local_time::month_and_day(first.due_at))
                    .about(first.id)
            };
            tell(&mut *tx, hearers, message, self.foundation.random(), now).await?;
        }
        tx.commit().await?;
        Ok(count)
    }
}

pub(super) fn heaps(tasks: Vec<Task>) -> BTreeMap<Heap, Vec<Task>> {
    let mut heaps: BTreeMap<Heap, Vec<Task>> = BTreeMap::new();
    for task in tasks {
        let heap = (task.kind.clone(), task.place.clone(), task.assignee);
        heaps.entry(heap).or_default().push(task);
    }
    heaps
}

/// Whoever had a part in any of them.
pub(super) fn parties_of(tasks: &[Task]) -> Parties {
    let mut all = Parties::default();
    for task in tasks {
        all.extend(&task.parties);
    }
    all
}

/// The one that is due first: the message points to it.
pub(super) fn first_due(tasks: &[Task]) -> Option<&Task> {
    tasks.iter().min_by_key(|task| (task.due_at, task.id))
}
