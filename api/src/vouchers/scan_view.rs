//! Redemptions as they go out to station staff.

use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    vouchers::{
        AcceptedScan,
        scans::redemption::{Redemption, RedemptionState},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AcceptedScan)]
pub struct AcceptedScanDto {
    pub id: String,
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

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherHolder)]
pub struct HolderDto {
    #[schema(example = "张**")]
    name_masked: Option<String>,
}

impl AcceptedScanDto {
    pub fn new(scan: AcceptedScan, name_masked: Option<String>) -> Self {
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
