//! What of the queue is asked for.

use niangjia_domain::{
    kernel::Invalid,
    tasks::{
        TaskService,
        ports::{AssigneeFilter, TaskFilter, TaskOrder},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::extract::{chosen, instant};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct TasksQuery {
    /// Of `membership_review wish_review disputed_scan suspended_redemption`; without it all.
    kind: Option<String>,
    /// A district's six digits: only what lies inside.
    #[param(example = "370811")]
    area: Option<String>,
    /// RFC 3339
    #[param(example = "2026-06-12T10:00:00+08:00")]
    due_before: Option<String>,
    /// An account's id, or `none` for what nobody has taken.
    assignee: Option<String>,
    /// `due` (what is due first, the default) or `-due`.
    sort: Option<String>,
}

impl TasksQuery {
    pub fn filter(&self, tasks: &TaskService) -> Result<TaskFilter, Invalid> {
        let known = |code: &str| tasks.kind(code).map(|kind| kind.code.to_owned());
        let code = "filter_unknown";
        Ok(TaskFilter {
            kind: chosen(
                "kind",
                code,
                "没有这类待办，请从列表中选择",
                self.kind.as_deref(),
                known,
            )?,
            district: chosen(
                "area",
                code,
                "区县代码应为六位数字",
                self.area.as_deref(),
                |text| text.parse().ok(),
            )?,
            due_before: self
                .due_before
                .as_deref()
                .map(|text| instant("dueBefore", text))
                .transpose()?,
            assignee: chosen(
                "assignee",
                code,
                "账号编号有误，请从列表中选择",
                self.assignee.as_deref(),
                assignee,
            )?,
            order: chosen(
                "sort",
                code,
                "只能按 due 或 -due 排序",
                self.sort.as_deref(),
                order,
            )?
            .unwrap_or_default(),
        })
    }
}

fn assignee(text: &str) -> Option<AssigneeFilter> {
    match text {
        "none" => Some(AssigneeFilter::Nobody),
        id => id.parse().ok().map(AssigneeFilter::One),
    }
}

fn order(text: &str) -> Option<TaskOrder> {
    match text {
        "due" => Some(TaskOrder::Due),
        "-due" => Some(TaskOrder::DueLast),
        _ => None,
    }
}
