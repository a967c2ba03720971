//! What the nightly reconciliations found; cadres and auditors read it, nobody changes it.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    vouchers::reconciliation::{Difference, Reconciliation, ReconciliationService},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Paging},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherReconciliation)]
pub struct ReconciliationDto {
    id: String,
    /// The business day in whose night it ran.
    day: String,
    started_at: String,
    /// `null` while it is under way.
    finished_at: Option<String>,
    /// How many batches were looked at, of all areas.
    batches: i64,
    /// Equations that do not hold, of batches in the caller's area; a hundred at most are kept of
    /// one night.
    differences: Vec<DifferenceDto>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherDifference)]
pub struct DifferenceDto {
    /// `null` for what belongs to no batch.
    batch_id: Option<String>,
    #[schema(example = "spent = ledger")]
    equation: String,
    left: i64,
    right: i64,
    /// One of the rows that are wrong, where rows were counted.
    example: Option<String>,
}

impl From<Difference> for DifferenceDto {
    fn from(it: Difference) -> Self {
        Self {
            batch_id: it.batch_id.map(|id| id.to_string()),
            equation: it.equation,
            left: it.left,
            right: it.right,
            example: it.example,
        }
    }
}

impl From<Reconciliation> for ReconciliationDto {
    fn from(it: Reconciliation) -> Self {
        Self {
            id: it.id.to_string(),
            day: it.day.to_string(),
            started_at: rfc3339(it.started_at),
            finished_at: it.finished_at.map(rfc3339),
            batches: it.batches,
            differences: it
                .differences
                .into_iter()
                .map(DifferenceDto::from)
                .collect(),
        }
    }
}

/// The nightly checks of the conservation equations, newest first.
#[utoipa::path(tag = "vouchers", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<ReconciliationDto>)), security(("bearer" = [])))]
#[get("/admin/reconciliations")]
pub async fn list_reconciliations(
    reconciliations: web::Data<ReconciliationService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = reconciliations.runs(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, ReconciliationDto::from)))
}
