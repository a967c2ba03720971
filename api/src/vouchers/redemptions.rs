//! Scanning a voucher at the station, taking a scan back, and what was eaten. Staff see a masked
//! name and nothing more of the holder.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, FixedOffset, NaiveDate};
use niangjia_domain::{
    kernel::{
        Answer, Invalid,
        id::{StationId, kind},
        values::local_time::rfc3339,
    },
    vouchers::{
        AcceptedScan, ScanAnswer, ScanRequest, ScanService,
        scans::redemption::{Redemption, RedemptionState},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stored;
use crate::http::{
    extract::{Caller, GroupWrite, IdPath, Paging, Strict},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanDto {
    /// The QR code's text, or the eight digits.
    code: String,
    #[schema(value_type = String)]
    station_id: StationId,
    /// The scanner's own name for itself, 1 to 64 characters.
    device_id: String,
    /// By the station's clock; now when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    scanned_at: Option<DateTime<FixedOffset>>,
    /// What the meal costs; the face value when absent.
    price_fen: Option<i64>,
}

impl From<ScanDto> for ScanRequest {
    fn from(dto: ScanDto) -> Self {
        Self {
            code: dto.code,
            station_id: dto.station_id,
            device_id: dto.device_id,
            scanned_at: dto.scanned_at.map(stored),
            price_fen: dto.price_fen,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AcceptedScan)]
pub struct AcceptedScanDto {
    id: String,
    #[schema(example = "accepted")]
    result: &'static str,
    /// What the union pays.
    amount_fen: i64,
    /// What the holder pays at the till.
    copay_fen: i64,
    holder: HolderDto,
    voucher_id: String,
    accepted_at: String,
}

impl AcceptedScanDto {
    fn new(scan: AcceptedScan, name_masked: Option<String>) -> Self {
        Self {
            id: scan.redemption_id.to_string(),
            result: "accepted",
            amount_fen: scan.amount.get(),
            copay_fen: scan.copay.get(),
            holder: HolderDto { name_masked },
            voucher_id: scan.voucher_id.to_string(),
            accepted_at: rfc3339(scan.accepted_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherHolder)]
pub struct HolderDto {
    #[schema(example = "张**")]
    name_masked: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnulmentDto {
    /// 2 to 100 characters.
    reason: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// `YYYY-MM-DD` in Asia/Shanghai; today when absent.
    #[param(example = "2026-06-01")]
    date: Option<String>,
}

impl DayQuery {
    fn day(&self) -> Result<Option<NaiveDate>, Invalid> {
        let wrong = || Invalid::field("date", "date_invalid", "日期应为 2026-06-01 这样的格式");
        let parse = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong());
        self.date.as_deref().map(parse).transpose()
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Redemption)]
pub struct RedemptionDto {
    id: String,
    voucher_id: String,
    station_id: String,
    /// `accepted`, `annulled` or `settled`.
    status: &'static str,
    /// The meal window's name.
    meal: String,
    price_fen: i64,
    amount_fen: i64,
    copay_fen: i64,
    device_id: String,
    scanned_at: String,
    accepted_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    annulled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annulment_reason: Option<String>,
}

impl From<Redemption> for RedemptionDto {
    fn from(it: Redemption) -> Self {
        let (status, annulled_at, annulment_reason) = match it.state {
            RedemptionState::Accepted => ("accepted", None, None),
            RedemptionState::Settled => ("settled", None, None),
            RedemptionState::Annulled { at, reason, .. } => {
                ("annulled", Some(rfc3339(at)), Some(reason))
            }
        };
        Self {
            id: it.id.to_string(),
            voucher_id: it.voucher_id.to_string(),
            station_id: it.station_id.to_string(),
            status,
            meal: it.meal.window,
            price_fen: it.payment.price.get(),
            amount_fen: it.payment.amount.get(),
            copay_fen: it.payment.copay.get(),
            device_id: it.device_id,
            scanned_at: rfc3339(it.scanned_at),
            accepted_at: rfc3339(it.accepted_at),
            annulled_at,
            annulment_reason,
        }
    }
}

/// Redeems a voucher. The idempotency key is the scan's id: the same id always gets the first
/// answer, refusals too.
#[utoipa::path(tag = "vouchers", request_body = ScanDto, responses((status = 201, body = AcceptedScanDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/redemptions")]
pub async fn redeem_voucher(
    scans: web::Data<ScanService>,
    write: GroupWrite<ScanDto>,
) -> Result<HttpResponse, Problem> {
    let Answer { value, replayed } = scans
        .redeem(write.bearer, write.request, write.body.into())
        .await?;
    match value {
        ScanAnswer::Accepted {
            scan,
            holder_masked,
        } => {
            let value = AcceptedScanDto::new(scan, holder_masked);
            Ok(reply::created(
                format!("/api/v1/redemptions/{}", value.id),
                Answer { value, replayed },
            ))
        }
        ScanAnswer::Refused { reason, used } => {
            Err(Problem::refused_scan(reason, used.as_ref()).replayed(replayed))
        }
    }
}

/// Undoes a mistaken scan of the caller's station, within fifteen minutes.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), request_body = AnnulmentDto,
    responses((status = 200, body = RedemptionDto)), security(("bearer" = [])))]
#[post("/redemptions/{id}/annulment")]
pub async fn annul_redemption(
    scans: web::Data<ScanService>,
    caller: Caller,
    id: IdPath<kind::Redemption>,
    body: Strict<AnnulmentDto>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(RedemptionDto::from(
        scans.annul(&caller.0, id.0, &body.0.reason).await?,
    )))
}

/// A day of the caller's station, newest first.
#[utoipa::path(tag = "vouchers",
    params(("id" = String, Path), DayQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<RedemptionDto>)), security(("bearer" = [])))]
#[get("/stations/{id}/redemptions")]
pub async fn list_station_redemptions(
    scans: web::Data<ScanService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    query: web::Query<DayQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = scans
        .redemptions_at(&caller.0, id.0, query.day()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, RedemptionDto::from)))
}
