//! Holds as they go out to reviewers: figures and ids, nobody's name.

use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    vouchers::collusion::{
        Signal, SuspensionView,
        suspension::{NotedSignal, Ruling},
    },
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RedemptionHold)]
pub struct SuspensionDto {
    /// The redemption's id.
    id: String,
    /// To be named by a decision.
    revision: i64,
    status: &'static str,
    signals: Vec<NoticeDto>,
    station_id: String,
    station_name: String,
    batch_id: String,
    voucher_id: String,
    /// The account that scanned it.
    staff_id: String,
    day: String,
    meal: String,
    amount_fen: i64,
    price_fen: i64,
    copay_fen: i64,
    scanned_at: String,
    accepted_at: String,
    suspended_at: String,
    due_at: String,
    overdue: bool,
    decision: Option<DecidedDto>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RedemptionSignal)]
pub struct NoticeDto {
    #[schema(value_type = String, example = "same_pair")]
    signal: Signal,
    /// The figures that speak for it.
    #[schema(value_type = Object)]
    evidence: Value,
    noticed_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RedemptionHoldDecided)]
pub struct DecidedDto {
    #[schema(example = "lifted")]
    decision: &'static str,
    by: String,
    at: String,
    reason: String,
}

impl From<NotedSignal> for NoticeDto {
    fn from(it: NotedSignal) -> Self {
        Self {
            signal: it.signal,
            evidence: it.evidence,
            noticed_at: rfc3339(it.noticed_at),
        }
    }
}

impl From<Ruling> for DecidedDto {
    fn from(it: Ruling) -> Self {
        Self {
            decision: it.decision.code(),
            by: it.by.to_string(),
            at: rfc3339(it.at),
            reason: it.reason,
        }
    }
}

impl From<SuspensionView> for SuspensionDto {
    fn from(
        SuspensionView {
            suspension,
            station_name,
            notices,
            is_overdue,
        }: SuspensionView,
    ) -> Self {
        let (status, revision) = (suspension.status().code(), suspension.revision());
        let it = suspension.redemption;
        Self {
            id: it.id.to_string(),
            revision,
            status,
            signals: notices.into_iter().map(NoticeDto::from).collect(),
            station_id: it.station_id.to_string(),
            station_name,
            batch_id: it.batch_id.to_string(),
            voucher_id: it.voucher_id.to_string(),
            staff_id: it.staff_id.to_string(),
            day: it.meal.day.to_string(),
            meal: it.meal.window,
            amount_fen: it.payment.amount.get(),
            price_fen: it.payment.price.get(),
            copay_fen: it.payment.copay.get(),
            scanned_at: rfc3339(it.scanned_at),
            accepted_at: rfc3339(it.accepted_at),
            suspended_at: rfc3339(suspension.suspended_at),
            due_at: rfc3339(suspension.due_at),
            overdue: is_overdue,
            decision: suspension.decided.map(DecidedDto::from),
        }
    }
}
