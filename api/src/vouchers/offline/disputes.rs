//! Offline scans that do not add up, and what people decide about them. The code that was scanned
//! never goes out.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{Invalid, id::kind, values::local_time::rfc3339},
    vouchers::offline::{
        OfflineService, Resolution,
        disputes::dispute::{DisputeState, DisputeStatus, DisputedScan},
        ports::DisputeFilter,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{
        extract::{Caller, IdPath, Paging, Strict, chosen},
        problem::Problem,
        reply::{self, PageView},
    },
    vouchers::known,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct DisputeQuery {
    /// One of `open honoured rejected redeemed`.
    status: Option<String>,
    station_id: Option<String>,
}

impl DisputeQuery {
    fn filter(&self) -> Result<DisputeFilter, Invalid> {
        let (mend, station) = ("没有这个驿站，请从列表中选择", self.station_id.as_deref());
        let station = chosen("stationId", "station_unknown", mend, station, |id| {
            id.parse().ok()
        })?;
        Ok(DisputeFilter {
            status: known(self.status.as_deref(), DisputeStatus::parse)?,
            station,
        })
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionDto {
    /// `honour`, `reject` or `retry`.
    #[schema(example = "honour")]
    resolution: String,
    /// Of the scan, as the decider saw it.
    revision: i64,
    /// 2 to 100 characters.
    #[schema(example = "与驿站核实无误")]
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DisputedScan)]
pub struct DisputeDto {
    id: String,
    /// To be named by a resolution.
    revision: i64,
    station_id: String,
    scan_id: String,
    /// `open`, `honoured`, `rejected` or `redeemed`.
    status: &'static str,
    /// A reason of a refused scan, or `cap_exceeded`.
    reason: &'static str,
    scanned_at: String,
    uploaded_at: String,
    /// A decision is due by then.
    due_at: String,
    price_fen: Option<i64>,
    /// What the code claims; absent where there is no such voucher.
    voucher_id: Option<String>,
    batch_id: Option<String>,
    /// What the voucher would have paid.
    amount_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redemption_id: Option<String>,
}

impl From<DisputedScan> for DisputeDto {
    fn from(it: DisputedScan) -> Self {
        let (status, revision) = (it.status().code(), it.revision());
        let (decided, redemption) = match it.state {
            DisputeState::Open => (None, None),
            DisputeState::Honoured(decided) | DisputeState::Rejected(decided) => {
                (Some(decided), None)
            }
            DisputeState::Redeemed(decided, redemption) => (Some(decided), Some(redemption)),
        };
        let (resolved_at, resolution_reason) =
            decided.map(|it| (rfc3339(it.at), it.reason)).unzip();
        Self {
            id: it.id.to_string(),
            revision,
            station_id: it.station_id.to_string(),
            scan_id: it.scan_id,
            status,
            reason: it.reason.as_str(),
            scanned_at: rfc3339(it.scanned_at),
            uploaded_at: rfc3339(it.uploaded_at),
            due_at: rfc3339(it.due_at),
            price_fen: it.price.map(|price| price.get()),
            voucher_id: it.claimed.map(|claimed| claimed.voucher_id.to_string()),
            batch_id: it.claimed.map(|claimed| claimed.batch_id.to_string()),
            amount_fen: it.claimed.map(|claimed| claimed.amount.get()),
            resolved_at,
            resolution_reason,
            redemption_id: redemption.map(|id| id.to_string()),
        }
    }
}

/// Disputed scans of the caller's area, newest first.
#[utoipa::path(tag = "vouchers",
    params(DisputeQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<DisputeDto>)), security(("bearer" = [])))]
#[get("/admin/disputed-scans")]
pub async fn list_disputed_scans(
    offline: web::Data<OfflineService>,
    caller: Caller,
    query: web::Query<DisputeQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = offline.disputes(&caller.0, query.filter()?, page.0).await?;
    Ok(reply::ok(PageView::of(page, DisputeDto::from)))
}

/// Pays the station by an adjustment, leaves it with the cost, or judges the scan again.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = ResolutionDto,
    responses((status = 200, body = DisputeDto)), security(("bearer" = [])))]
#[post("/admin/disputed-scans/{id}/resolution")]
pub async fn resolve_disputed_scan(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::DisputedScan>,
    body: Strict<ResolutionDto>,
) -> Result<HttpResponse, Problem> {
    let resolution = Resolution::parse(&body.0.resolution)?;
    Ok(reply::ok(DisputeDto::from(
        offline
            .resolve(&caller.0, id.0, resolution, &body.0.reason, body.0.revision)
            .await?,
    )))
}
