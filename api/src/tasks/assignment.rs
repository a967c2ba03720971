//! Who takes care of a task.

use actix_web::{HttpResponse, post, web};
use niangjia_domain::{
    kernel::{
        Invalid,
        id::{AccountId, kind},
    },
    tasks::{Assignment, TaskService},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::queue::TaskDto;
use crate::http::{
    extract::{Caller, IdPath, Strict, chosen},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskAssignment)]
pub struct AssignmentDto {
    /// The account that has it now, as the caller saw; `null`: nobody.
    current: Option<String>,
    /// The account that is to have it; `null`: nobody.
    target: Option<String>,
}

impl AssignmentDto {
    fn checked(&self) -> Result<Assignment, Invalid> {
        let account = |field, text: &Option<String>| -> Result<Option<AccountId>, Invalid> {
            let mend = "账号编号有误，请从列表中选择";
            chosen(field, "account_unknown", mend, text.as_deref(), |id| {
                id.parse().ok()
            })
        };
        let current = account("current", &self.current)?;
        let target = account("target", &self.target)?;
        if current == target {
            let mend = "待办已由该同志负责，请选择其他人";
            return Err(Invalid::field("target", "target_same", mend));
        }
        Ok(Assignment { current, target })
    }
}

/// Takes an open task, hands it on, or lays it back; the caller says who has it now.
#[utoipa::path(tag = "tasks", params(("id" = String, Path)), request_body = AssignmentDto,
    responses((status = 200, body = TaskDto)), security(("bearer" = [])))]
#[post("/admin/tasks/{id}/assignment")]
pub async fn assign_task(
    tasks: web::Data<TaskService>,
    caller: Caller,
    id: IdPath<kind::Task>,
    body: Strict<AssignmentDto>,
) -> Result<HttpResponse, Problem> {
    let assignment = body.0.checked()?;
    let item = tasks.assign(&caller.0, id.0, assignment).await?;
    Ok(reply::ok(TaskDto::from(item)))
}
