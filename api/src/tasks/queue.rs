//! What waits for a decision, as cadres see it.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    tasks::{
        KindCount, QueueItem, Task, TaskService, TaskState,
        task::{Approval, Outcome},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::filter::TasksQuery;
use crate::http::{
    extract::{Caller, Paging},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TaskQueue)]
pub struct QueueDto {
    #[serde(flatten)]
    page: PageView<TaskDto>,
    /// Of all that the filters let through, whatever its kind.
    counts: Vec<CountDto>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskCount)]
pub struct CountDto {
    kind: String,
    open: i64,
    overdue: i64,
}

impl From<KindCount> for CountDto {
    fn from(count: KindCount) -> Self {
        let KindCount {
            kind,
            open,
            overdue,
        } = count;
        Self {
            kind,
            open,
            overdue,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Task)]
pub struct TaskDto {
    id: String,
    #[schema(example = "wish_review")]
    kind: String,
    /// What it is about; the kind says where to look.
    subject: String,
    /// One line about the subject, without personal data.
    summary: Option<String>,
    /// To be named by a decision; `null` while the subject is being decided.
    revision: Option<i64>,
    district: String,
    union_id: Option<String>,
    place: String,
    opened_at: String,
    due_at: String,
    is_overdue: bool,
    /// When the area above was told that it is overdue.
    escalated_at: Option<String>,
    assignee_id: Option<String>,
    /// Two different people must approve.
    needs_second_person: bool,
    /// Who of the two has approved.
    first_approved_by: Option<String>,
    first_approved_at: Option<String>,
    /// `open`, `decided` or `withdrawn`.
    status: &'static str,
    /// The word of the decision.
    outcome: Option<String>,
    on_time: Option<bool>,
}

impl From<QueueItem> for TaskDto {
    fn from(item: QueueItem) -> Self {
        let (summary, revision) = item
            .shown
            .map(|shown| (shown.summary, shown.revision))
            .unzip();
        let Task { place, .. } = &item.task;
        let (status, outcome) = ended(&item.task.state);
        let first = item.task.first();
        Self {
            summary,
            revision,
            district: place.district.to_string(),
            union_id: place.union_id.map(|id| id.to_string()),
            place: place.name.clone(),
            is_overdue: item.is_overdue,
            status,
            outcome: outcome.map(|outcome| outcome.word.clone()),
            on_time: outcome.map(|outcome| outcome.on_time),
            first_approved_by: first.map(|first: &Approval| first.by.to_string()),
            first_approved_at: first.map(|first| rfc3339(first.at)),
            id: item.task.id.to_string(),
            opened_at: rfc3339(item.task.opened_at),
            due_at: rfc3339(item.task.due_at),
            escalated_at: item.task.escalated_at.map(rfc3339),
            assignee_id: item.task.assignee.map(|id| id.to_string()),
            needs_second_person: item.task.needs_second_person,
            kind: item.task.kind,
            subject: item.task.subject,
        }
    }
}

pub fn ended(state: &TaskState) -> (&'static str, Option<&Outcome>) {
    match state {
        TaskState::Open { .. } => ("open", None),
        TaskState::Withdrawn { .. } => ("withdrawn", None),
        TaskState::Decided { outcome, .. } => ("decided", Some(outcome)),
    }
}

/// Everything in the caller's area that waits for a decision, what is due first on top.
#[utoipa::path(tag = "tasks",
    params(TasksQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = QueueDto)), security(("bearer" = [])))]
#[get("/admin/tasks")]
pub async fn list_tasks(
    tasks: web::Data<TaskService>,
    caller: Caller,
    query: web::Query<TasksQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let filter = query.filter(&tasks)?;
    let queue = tasks.queue(&caller.0, &filter, page.0).await?;
    Ok(reply::ok(QueueDto {
        page: PageView::of(queue.page, TaskDto::from),
        counts: queue.counts.into_iter().map(CountDto::from).collect(),
    }))
}
