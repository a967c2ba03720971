//! What a scanner served without a network. Every scan gets an answer of its own; the same scan
//! always gets the first one.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, FixedOffset};
use niangjia_domain::{
    kernel::id::StationId,
    vouchers::offline::{
        ItemAnswer, ItemOutcome, OfflineService, Upload, UploadReport, UploadedScan,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{extract::Idempotent, problem::Problem, reply},
    vouchers::stored,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadDto {
    #[schema(value_type = String)]
    station_id: StationId,
    /// The scanner's own name for itself.
    device_id: String,
    /// The scanner holds nothing older any more; settlements of days before wait for it no longer.
    #[schema(value_type = Option<String>, format = DateTime)]
    synced_through: Option<DateTime<FixedOffset>>,
    /// In any order, at most 200.
    items: Vec<UploadedScanDto>,
}

impl From<UploadDto> for Upload {
    fn from(dto: UploadDto) -> Self {
        let scan = |scan: UploadedScanDto| UploadedScan {
            scan_id: scan.scan_id,
            code: scan.code,
            scanned_at: stored(scan.scanned_at),
            price_fen: scan.price_fen,
        };
        Self {
            station_id: dto.station_id,
            device_id: dto.device_id,
            synced_through: dto.synced_through.map(stored),
            scans: dto.items.into_iter().map(scan).collect(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadedScanDto {
    /// The scan's own id, 1 to 255 visible characters; the same id always gets the first answer.
    scan_id: String,
    /// The QR code's text.
    code: String,
    /// By the scanner's clock.
    #[schema(value_type = String, format = DateTime)]
    scanned_at: DateTime<FixedOffset>,
    /// What the meal cost; the face value when absent.
    price_fen: Option<i64>,
}

/// One answer for each scan, in the order sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RedemptionUpload)]
pub struct UploadReportDto {
    items: Vec<ItemAnswerDto>,
}

impl From<UploadReport> for UploadReportDto {
    fn from(report: UploadReport) -> Self {
        Self {
            items: report.scans.into_iter().map(ItemAnswerDto::from).collect(),
        }
    }
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UploadedScanAnswer)]
pub struct ItemAnswerDto {
    scan_id: Option<String>,
    /// `accepted`, `disputed` (parked, a cadre decides) or `malformed` (not kept).
    #[schema(example = "accepted")]
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redemption_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voucher_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copay_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispute_id: Option<String>,
    /// A reason of a refused scan, or `cap_exceeded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What to mend.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl From<ItemAnswer> for ItemAnswerDto {
    fn from(answer: ItemAnswer) -> Self {
        let told = Self {
            scan_id: answer.scan_id,
            ..Self::default()
        };
        match answer.outcome {
            ItemOutcome::Accepted {
                redemption_id,
                voucher_id,
                amount,
                copay,
            } => Self {
                result: "accepted",
                redemption_id: Some(redemption_id.to_string()),
                voucher_id: Some(voucher_id.to_string()),
                amount_fen: Some(amount.get()),
                copay_fen: Some(copay.get()),
                ..told
            },
            ItemOutcome::Disputed { id, reason } => Self {
                result: "disputed",
                dispute_id: Some(id.to_string()),
                reason: Some(reason),
                ..told
            },
            ItemOutcome::Malformed { field } => Self {
                result: "malformed",
                field: Some(field),
                ..told
            },
        }
    }
}

/// Takes in offline scans of the caller's station, in any order. Each is judged as of when it was
/// made and has an answer of its own; what does not add up is parked for a cadre, never dropped.
#[utoipa::path(tag = "vouchers", request_body = UploadDto, responses((status = 200, body = UploadReportDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/redemption-uploads")]
pub async fn upload_redemptions(
    offline: web::Data<OfflineService>,
    write: Idempotent<UploadDto>,
) -> Result<HttpResponse, Problem> {
    let answer = offline
        .upload(&write.actor, &write.request, write.body.into())
        .await?;
    Ok(reply::done(answer.map(UploadReportDto::from)))
}
