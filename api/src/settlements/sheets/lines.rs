//! The lines of a sheet, as they stand in its files too.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use niangjia_domain::{
    kernel::{id::kind, values::local_time::rfc3339},
    settlements::{
        SettlementService,
        sheets::line::{Line, Subject},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath, Paging},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SettlementLine)]
pub struct LineDto {
    no: i64,
    /// `redemption` or `adjustment`.
    kind: &'static str,
    /// The redemption's or the adjustment's.
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    voucher_id: Option<String>,
    batch_id: String,
    day: NaiveDate,
    /// The meal window's name; empty for an adjustment.
    meal: String,
    at: String,
    /// Eaten before the period.
    late: bool,
    price_fen: i64,
    /// What the union pays.
    amount_fen: i64,
    copay_fen: i64,
    /// An adjustment's reason.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

impl From<Line> for LineDto {
    fn from(line: Line) -> Self {
        let (kind, id) = match line.subject {
            Subject::Redemption(id) => ("redemption", id.to_string()),
            Subject::Adjustment(id) => ("adjustment", id.to_string()),
        };
        Self {
            no: line.no,
            kind,
            id,
            voucher_id: line.voucher_id.map(|id| id.to_string()),
            batch_id: line.batch_id.to_string(),
            day: line.day,
            meal: line.meal,
            at: rfc3339(line.at),
            late: line.is_late,
            price_fen: line.price_fen,
            amount_fen: line.amount_fen,
            copay_fen: line.copay_fen,
            note: line.note,
        }
    }
}

/// A sheet's lines in order, for readers of the area and for the station's staff.
#[utoipa::path(tag = "settlements",
    params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<LineDto>)), security(("bearer" = [])))]
#[get("/admin/settlements/{id}/lines")]
pub async fn list_settlement_lines(
    settlements: web::Data<SettlementService>,
    caller: Caller,
    id: IdPath<kind::Settlement>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = settlements.lines(&caller.0, id.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, LineDto::from)))
}
