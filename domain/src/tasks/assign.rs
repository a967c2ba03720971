//! Who takes care of a task. The caller says who has it now, so that of many hands one gets it.

use serde_json::json;

use super::{TaskService, error::TaskError, queue::QueueItem, task::Task};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Grant, Jurisdiction,
        id::{AccountId, TaskId},
    },
    store::Tx,
};

/// From whom to whom; `None`: nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    pub current: Option<AccountId>,
    pub target: Option<AccountId>,
}

impl TaskService {
    /// # Errors
    /// `AssignedMeanwhile` when `current` does not have it, `ChangedMeanwhile` when it is not open,
    /// `AssigneeUnfit` when the target may not decide it.
    pub async fn assign(
        &self,
        actor: &Actor,
        id: TaskId,
        assignment: Assignment,
    ) -> Result<QueueItem, TaskError> {
        let area = actor.require_cadre()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let found = tx.tasks().find_within(&[id], &area).await?.pop();
        let task = found.ok_or(AccessError::NotFound)?;
        if !task.is_open() {
            return Err(TaskError::ChangedMeanwhile);
        }
        if let Some(target) = assignment.target {
            may_decide(&mut *tx, &task, target).await?;
        }
        let Assignment { current, target } = assignment;
        if !tx.tasks().assign(id, current, target).await? {
            return Err(TaskError::AssignedMeanwhile);
        }
        let deed = Deed::new("task.assigned", id)
            .within(task.place.district)
            .with(json!({ "from": current, "to": target, "subject": task.subject }));
        let entry = deed.by(actor, now, self.foundation.random());
        tx.audit().append(entry).await?;
        tx.commit().await?;
        let task = Task {
            assignee: target,
            ..task
        };
        let item = self.items(vec![task], now).await?.pop();
        Ok(item.ok_or(AccessError::NotFound)?)
    }
}

/// A cadre of the task's area who had no part in it.
async fn may_decide(tx: &mut dyn Tx, task: &Task, account: AccountId) -> Result<(), TaskError> {
    let (person, grants) = tx.offices().office_of(account).await?;
    if task.parties.include(account, person) {
        return Err(TaskError::AssigneeUnfit);
    }
    for grant in grants {
        let area = match grant {
            Grant::Admin => Jurisdiction::Everywhere,
            Grant::Cadre(area) => area,
            Grant::Worker | Grant::Donor | Grant::StationStaff(_) | Grant::Auditor(_) => continue,
        };
        if !tx.tasks().find_within(&[task.id], &area).await?.is_empty() {
            return Ok(());
        }
    }
    Err(TaskError::AssigneeUnfit)
}
