//! A sheet as it goes out: what was frozen, and when it took its later steps.

use chrono::NaiveDate;
use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    settlements::{
        Settlement,
        sheets::settlement::{Payment, Sheet, Signature, Stage},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Settlement)]
pub struct SettlementDto {
    pub id: String,
    station_id: String,
    district: String,
    from: NaiveDate,
    /// The last day, included.
    to: NaiveDate,
    status: &'static str,
    /// Why it is open again, was rejected or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<SheetDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
    created_at: String,
}

impl From<Settlement> for SettlementDto {
    fn from(it: Settlement) -> Self {
        let steps = Steps::of(&it.stage);
        let when = |signature: Option<&Signature>| signature.map(|signature| rfc3339(signature.at));
        Self {
            id: it.id.to_string(),
            station_id: it.station_id.to_string(),
            district: it.district.to_string(),
            from: it.period.first(),
            to: it.period.last(),
            status: it.status().code(),
            reason: it.objection().map(|objection| objection.reason.clone()),
            sheet: it.sheet().map(SheetDto::from),
            confirmed_at: when(steps.confirmed),
            approved_at: when(steps.approved),
            paid_at: when(steps.payment.map(|payment| &payment.signature)),
            payment_reference: steps.payment.map(|payment| payment.reference.clone()),
            closed_at: when(steps.closed),
            created_at: rfc3339(it.created_at),
        }
    }
}

/// What was frozen.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SettlementSheet)]
pub struct SheetDto {
    frozen_at: String,
    lines: i64,
    redemptions: i64,
    redemptions_fen: i64,
    /// Redemptions of days before the period.
    late: i64,
    copay_fen: i64,
    adjustments: i64,
    adjustments_fen: i64,
    /// What the union pays; negative when the station owes.
    total_fen: i64,
    /// SHA-256 over the lines, as the exports carry it.
    hash: String,
}

impl From<&Sheet> for SheetDto {
    fn from(sheet: &Sheet) -> Self {
        let totals = sheet.totals;
        Self {
            frozen_at: rfc3339(sheet.frozen.at),
            lines: totals.lines(),
            redemptions: totals.redemptions,
            redemptions_fen: totals.redemptions_fen,
            late: totals.late,
            copay_fen: totals.copay_fen,
            adjustments: totals.adjustments,
            adjustments_fen: totals.adjustments_fen,
            total_fen: totals.total_fen(),
            hash: sheet.hash.clone(),
        }
    }
}

/// When a sheet took its later steps.
#[derive(Default)]
struct Steps<'a> {
    confirmed: Option<&'a Signature>,
    approved: Option<&'a Signature>,
    payment: Option<&'a Payment>,
    closed: Option<&'a Signature>,
}

impl<'a> Steps<'a> {
    fn of(stage: &'a Stage) -> Self {
        match stage {
            Stage::Open { .. }
            | Stage::Frozen { .. }
            | Stage::Rejected { .. }
            | Stage::Cancelled { .. } => Self::default(),
            Stage::Confirmed { confirmed, .. } => Self {
                confirmed: Some(confirmed),
                ..Self::default()
            },
            Stage::Approved {
                confirmed,
                approved,
                ..
            } => Self {
                confirmed: Some(confirmed),
                approved: Some(approved),
                ..Self::default()
            },
            Stage::Paid {
                confirmed,
                approved,
                payment,
                ..
            } => Self {
                confirmed: Some(confirmed),
                approved: Some(approved),
                payment: Some(payment),
                ..Self::default()
            },
            Stage::Closed {
                confirmed,
                approved,
                payment,
                closed,
                ..
            } => Self {
                confirmed: Some(confirmed),
                approved: Some(approved),
                payment: Some(payment),
                closed: Some(closed),
            },
        }
    }
}
