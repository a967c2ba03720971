//! Reminders before the due time: to whom a task is assigned, else to those who may decide. One
//! message for all that waits at a place.

use std::collections::BTreeMap;

use super::{
    TaskService,
    hearers::{Circle, News},
    task::{Parties, Task, TaskPlace},
};
use crate::{
    kernel::{id::AccountId, values::local_time},
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
            let hearers = match assignee {
                Some(assignee) => [assignee].into(),
                None => {
                    let parties = parties_of(&tasks);
                    Circle::of(&place).hearers(&mut *tx, &parties).await?
                }
            };
            let news = News {
                topic: "tasks_due_soon",
                title: "待办即将到期",
                body: format!(
                    "{}有 {} 件{}将于{}到期，请及时处理。",
                    place.name,
                    tasks.len(),
                    self.label(&kind),
                    first_due(&tasks)
                ),
                subject: only_one(&tasks),
            };
            news.tell(&mut *tx, hearers, self.foundation.random(), now)
                .await?;
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

/// The task, where the message is about one.
pub(super) fn only_one(tasks: &[Task]) -> Option<String> {
    match tasks {
        [one] => Some(one.id.to_string()),
        _ => None,
    }
}

/// The first day on which one of them is due, as people read it.
fn first_due(tasks: &[Task]) -> String {
    let due = tasks.iter().map(|task| task.due_at).min();
    due.map(local_time::day_and_month).unwrap_or_default()
}
