//! Escalation: what nobody has decided in time is told to the area above, once.

use serde_json::json;

use super::{
    TaskService,
    hearers::{Circle, tell},
    news,
    remind::{first_due, heaps, parties_of},
    task::Task,
};
use crate::{audit::Deed, notices::Recipient, store::StoreError};

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
            let Some(first) = first_due(&tasks) else {
                continue;
            };
            let above = Circle::of(&place).above(&mut *tx).await?;
            let hearers = above.hearers(&mut *tx, &parties_of(&tasks)).await?;
            let message = |to: Recipient| {
                to.template(&news::OVERDUE)
                    .with("place", &place.name)
                    .with("count", tasks.len())
                    .with("kind", self.label(&kind))
                    .about(first.id)
            };
            tell(&mut *tx, hearers, message, self.foundation.random(), now).await?;
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
