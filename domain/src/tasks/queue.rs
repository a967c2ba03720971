//! The one queue of a cadre: everything open in their area, what is due first on top, with how many
//! there are of each kind.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    TaskService,
    error::TaskError,
    ports::{Shown, TaskFilter},
    task::Task,
};
use crate::{
    kernel::{Actor, Page, PageRequest},
    store::StoreError,
};

/// How many are open, and how many of those are overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindCount {
    pub kind: String,
    pub open: i64,
    pub overdue: i64,
}

/// A task with what its context says about the subject; `None`: the subject is being decided at
/// this very moment.
#[derive(Debug, Clone)]
pub struct QueueItem {
    pub task: Task,
    pub shown: Option<Shown>,
    pub is_overdue: bool,
}

#[derive(Debug, Clone)]
pub struct Queue {
    pub page: Page<QueueItem>,
    /// Of everything that the filter lets through, whatever its kind.
    pub counts: Vec<KindCount>,
}

impl TaskService {
    /// # Errors
    /// `Access` for those who are neither cadre nor auditor.
    pub async fn queue(
        &self,
        actor: &Actor,
        filter: &TaskFilter,
        page: PageRequest,
    ) -> Result<Queue, TaskError> {
        let area = actor.require_reader()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.read().await?;
        let counts = tx.tasks().counts(&area, filter, now).await?;
        let page = tx.tasks().list(&area, filter, page).await?;
        drop(tx);
        let items = self.items(page.items, now).await?;
        let page = Page {
            items,
            next: page.next,
        };
        Ok(Queue { page, counts })
    }

    /// Each context is asked once for all of its subjects.
    pub(super) async fn items(
        &self,
        tasks: Vec<Task>,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueueItem>, StoreError> {
        let mut subjects: HashMap<&str, Vec<String>> = HashMap::new();
        for task in &tasks {
            let of_kind = subjects.entry(&task.kind).or_default();
            of_kind.push(task.subject.clone());
        }
        let mut shown = HashMap::new();
        for (kind, subjects) in subjects {
            if let Some(decider) = self.decider(kind) {
                let lines = decider.show(&subjects).await?;
                shown.extend(lines.into_iter().map(|line| (line.subject.clone(), line)));
            }
        }
        let item = |task: Task| QueueItem {
            shown: shown.get(&task.subject).cloned(),
            is_overdue: task.is_overdue(now),
            task,
        };
        Ok(tasks.into_iter().map(item).collect())
    }
}
