//! Wishes of a cadre's area with due times and reports.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::{Invalid, values::local_time::rfc3339},
    wishes::{
        WishService, moderation::text_check::Verdict, ports::QueueFilter, wall::views::QueueWish,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{status, wall::WishDto};
use crate::http::{
    extract::{Caller, Paging, instant},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    status: Option<String>,
    /// RFC 3339: reviews due before this instant.
    due_before: Option<String>,
}

impl QueueQuery {
    fn filter(&self) -> Result<QueueFilter, Invalid> {
        let due_before = self.due_before.as_deref();
        let due_before = due_before.map(|text| instant("dueBefore", text));
        Ok(QueueFilter {
            status: self.status.as_deref().map(status).transpose()?,
            due_before: due_before.transpose()?,
        })
    }
}

/// A wish as the cadres of its district see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueWishDto {
    #[serde(flatten)]
    wish: WishDto,
    /// To be named by a decision.
    revision: i64,
    submitted_at: String,
    due_at: Option<String>,
    machine: Option<MachineDto>,
    reason: Option<String>,
    /// How many people have reported it.
    reports: u64,
}

impl From<QueueWish> for QueueWishDto {
    fn from(view: QueueWish) -> Self {
        Self {
            wish: view.card.into(),
            revision: view.revision,
            submitted_at: rfc3339(view.submitted_at),
            due_at: view.review_due_at.map(rfc3339),
            machine: view.machine.map(|machine| MachineDto {
                verdict: machine.verdict,
                label: machine.label,
            }),
            reason: view.reason,
            reports: view.reports,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MachineDto {
    #[schema(value_type = String, example = "pass")]
    verdict: Verdict,
    label: String,
}

/// Wishes of the caller's area, with due times and reports.
#[utoipa::path(tag = "wishes", params(QueueQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<QueueWishDto>)), security(("bearer" = [])))]
#[get("/admin/wishes")]
pub async fn list_admin_wishes(
    wishes: web::Data<WishService>,
    caller: Caller,
    query: web::Query<QueueQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wishes
        .list_queue(&caller.0, &query.filter()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, QueueWishDto::from)))
}
