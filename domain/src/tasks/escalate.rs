//! Escalation: what nobody has decided in time is told to the area above, once.

use serde_json::json;

use super::{
    TaskService,
    hearers::{Circle, News},
    remind::{heaps, only_one, parties_of},
    task::Task,
};
use crate::{audit::Deed, store::StoreError};

impl TaskService {
    /// One bounded step of the job: up to `limit` tasks. Returns how many it passed on.
    pub async fn escalate(&self, limit: u64) -> Result<u64, StoreError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let tasks = tx.tasks().take_overdue(now, limit).await?;
        let count = tasks.len() as u64;
        let deeds = tasks
            .iter()
            .map(|task| escalated(task).by_system("job:escalation", now, self.foundation.random()));
        let deeds: Vec<_> = deeds.collect();
        if !deeds.is_empty() {
            tx.audit().append_all(deeds).await?;
        }
        for ((kind, place, _), tasks) in heaps(tasks) {
            let above = Circle::of(&place).above(&mut *tx).await?;
            let hearers = above.hearers(&mut *tx, &parties_of(&tasks)).await?;
            let news = News {
                topic: "tasks_overdue",
                title: "待办已逾期",
                body: format!(
                    "{}有 {} 件{}逾期未办，请督促办理或直接处理。",
                    place.name,
                    tasks.len(),
                    self.label(&kind)
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

fn escalated(task: &Task) -> Deed {
    Deed::new("task.escalated", task.id)
        .within(task.place.district)
        .with(json!({ "kind": task.kind, "subject": task.subject }))
}
