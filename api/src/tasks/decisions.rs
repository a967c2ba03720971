//! Many decisions in one request, with a result each.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::Invalid,
    tasks::{BulkResult, TaskService, ports::DecisionOrder},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::queue::ended;
use crate::http::{
    extract::{Caller, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTaskDecisions)]
pub struct DecisionsDto {
    /// 1 to 100, each task once.
    items: Vec<DecisionDto>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewTaskDecision)]
pub struct DecisionDto {
    task_id: String,
    /// A word of the object's own route: `accept return reject`, `publish return reject`,
    /// `honour reject retry`, `lift reject`.
    #[schema(example = "reject")]
    decision: String,
    /// Of the subject, as the decider saw it.
    revision: i64,
    reason: Option<String>,
}

impl DecisionsDto {
    fn orders(self) -> Result<Vec<DecisionOrder>, Invalid> {
        let order = |(n, item): (usize, DecisionDto)| {
            let unknown = |_| {
                let field = format!("items[{n}].taskId");
                Invalid::field(field, "task_unknown", "待办编号有误，请从列表中选择")
            };
            Ok(DecisionOrder {
                task_id: item.task_id.parse().map_err(unknown)?,
                decision: item.decision,
                revision: item.revision,
                reason: item.reason,
            })
        };
        self.items.into_iter().enumerate().map(order).collect()
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskDecisions)]
pub struct ResultsDto {
    /// In the order of the request.
    results: Vec<ResultDto>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TaskDecisionResult)]
pub struct ResultDto {
    task_id: String,
    /// `decided`; `open`: approved, and a second person is needed; `refused`.
    result: &'static str,
    on_time: Option<bool>,
    /// Why it was refused, as the object's own route says it.
    code: Option<&'static str>,
    /// The next step.
    detail: Option<String>,
}

impl From<BulkResult> for ResultDto {
    fn from(result: BulkResult) -> Self {
        let task_id = result.task_id.to_string();
        let refused = |task_id, code, detail| Self {
            task_id,
            result: "refused",
            on_time: None,
            code: Some(code),
            detail: Some(detail),
        };
        match result.outcome {
            None => {
                let detail = "没有这件待办，请刷新列表".to_owned();
                refused(task_id, "not_found", detail)
            }
            Some(Err(refusal)) => refused(task_id, refusal.code, refusal.detail),
            Some(Ok(task)) => {
                let (result, outcome) = ended(&task.state);
                Self {
                    task_id,
                    result,
                    on_time: outcome.map(|outcome| outcome.on_time),
                    code: None,
                    detail: None,
                }
            }
        }
    }
}

/// Decides many tasks; one that is refused leaves the others alone.
#[utoipa::path(tag = "tasks", request_body = DecisionsDto,
    responses((status = 200, body = ResultsDto)), security(("bearer" = [])))]
#[post("/admin/task-decisions")]
pub async fn decide_on_tasks(
    tasks: web::Data<TaskService>,
    caller: Caller,
    body: Strict<DecisionsDto>,
) -> Result<HttpResponse, Problem> {
    let orders = body.0.orders()?;
    let results = tasks.decide_many(&caller.0, &orders).await?;
    Ok(reply::ok(ResultsDto {
        results: results.into_iter().map(ResultDto::from).collect(),
    }))
}
