use actix_web::http::StatusCode;
use niangjia_domain::tasks::{TaskError, ports::Refusal};

use super::Problem;

impl From<TaskError> for Problem {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::Access(error) => error.into(),
            TaskError::Invalid(error) => error.into(),
            TaskError::Store(error) => error.into(),
            TaskError::ChangedMeanwhile => conflict(
                "changed_meanwhile",
                "内容已有变化或已被其他人处理，请刷新后重新核对",
            ),
            TaskError::SecondPersonNeeded => conflict(
                "second_person_needed",
                "您已同意，还需另一位工会干部复核，请等待其处理",
            ),
            TaskError::Involved => Self::new(
                StatusCode::FORBIDDEN,
                "involved",
                "不能处理与本人有关的事项，请由其他工会干部处理",
            ),
            TaskError::AssignedMeanwhile => {
                conflict("assigned_meanwhile", "这件待办刚刚换了负责人，请刷新后重试")
            }
            TaskError::AssigneeUnfit => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "assignee_unfit",
                "该同志不能处理这件待办，请选择本辖区与此事无关的工会干部",
            ),
        }
    }
}

/// What a bulk decision says of one item.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let field = problem.errors.first();
        Self {
            code: field.map_or(problem.code, |field| field.code),
            detail: field.map_or(problem.detail.clone(), |field| field.detail.clone()),
        }
    }
}

fn conflict(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, detail)
}
