//! Many decisions at once. Each is the use case of its object's own route, in a transaction of its
//! own: one that is refused leaves the others alone, and every one has a result.

use std::collections::{BTreeSet, HashMap};

use super::{
    TaskService,
    error::TaskError,
    ports::{DecisionOrder, Refusal},
    task::Task,
};
use crate::kernel::{Actor, Invalid, id::TaskId};

/// Decisions in one request.
pub const MAX_AT_ONCE: usize = 100;

/// What became of one of them.
#[derive(Debug, Clone)]
pub struct BulkResult {
    pub task_id: TaskId,
    /// `None`: no such task in the caller's area.
    pub outcome: Option<Result<Task, Refusal>>,
}

impl TaskService {
    /// In the order in which they were asked for.
    ///
    /// # Errors
    /// `Invalid` when there are none, too many, or two for one task.
    pub async fn decide_many(
        &self,
        actor: &Actor,
        orders: &[DecisionOrder],
    ) -> Result<Vec<BulkResult>, TaskError> {
        let area = actor.require_cadre()?;
        check(orders)?;
        let ids: Vec<_> = orders.iter().map(|order| order.task_id).collect();
        let found = self
            .foundation
            .read()
            .await?
            .tasks()
            .find_within(&ids, &area)
            .await?;
        let found: HashMap<_, _> = found.into_iter().map(|task| (task.id, task)).collect();
        let mut refusals = HashMap::new();
        for order in orders {
            let Some(task) = found.get(&order.task_id) else {
                continue;
            };
            if let Err(refusal) = self.decide_one(actor, task, order).await {
                refusals.insert(task.id, refusal);
            }
        }
        let now = self
            .foundation
            .read()
            .await?
            .tasks()
            .find_within(&ids, &area)
            .await?;
        let mut now: HashMap<_, _> = now.into_iter().map(|task| (task.id, task)).collect();
        let result = |task_id: &TaskId| BulkResult {
            task_id: *task_id,
            outcome: now
                .remove(task_id)
                .map(|task| refusals.remove(task_id).map_or(Ok(task), Err)),
        };
        Ok(ids.iter().map(result).collect())
    }

    async fn decide_one(
        &self,
        actor: &Actor,
        task: &Task,
        order: &DecisionOrder,
    ) -> Result<(), Refusal> {
        let decider = self.decider(&task.kind).ok_or_else(|| Refusal {
            code: "task_kind_unknown",
            detail: "当前版本还不能处理这类待办，请升级后重试".to_owned(),
        })?;
        decider.decide(actor, &task.subject, order).await
    }
}

fn check(orders: &[DecisionOrder]) -> Result<(), Invalid> {
    let refused = |code, mend: &str| Err(Invalid::field("items", code, mend));
    if orders.is_empty() || orders.len() > MAX_AT_ONCE {
        return refused("items_count", "一次请处理 1 到 100 件待办");
    }
    let distinct: BTreeSet<_> = orders.iter().map(|order| order.task_id).collect();
    if distinct.len() < orders.len() {
        return refused("items_repeated", "同一件待办只能出现一次");
    }
    Ok(())
}
