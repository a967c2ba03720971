//! Words of a scan: what staff sent, what is kept as the answer, what is told.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    code::{CodeStep, ScannedCode},
    refusal::Refusal,
    voucher::Voucher,
};
use crate::{
    kernel::{
        Actor, Fen,
        id::{AccountId, PersonId, RedemptionId, RefusedScanId, StationId, VoucherId},
    },
    stations::station::Station,
};

/// What staff sent.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    pub code: String,
    pub station_id: StationId,
    pub device_id: String,
    /// By the station's clock; absent: now.
    pub scanned_at: Option<DateTime<Utc>>,
    pub price_fen: Option<i64>,
}

/// The answer as it is kept: no personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanOutcome {
    Accepted(AcceptedScan),
    Refused { reason: Refusal, used: Option<PriorUse> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcceptedScan {
    pub redemption_id: RedemptionId,
    pub voucher_id: VoucherId,
    pub person_id: PersonId,
    pub amount: Fen,
    pub copay: Fen,
    pub accepted_at: DateTime<Utc>,
}

/// When and where a voucher was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorUse {
    pub at: DateTime<Utc>,
    pub station_id: StationId,
    pub station_name: String,
}

/// The answer as it is given.
#[derive(Debug, Clone)]
pub enum ScanAnswer {
    Accepted {
        scan: AcceptedScan,
        /// `张**`; absent when the person is gone.
        holder_masked: Option<String>,
    },
    Refused {
        reason: Refusal,
        used: Option<PriorUse>,
    },
}

/// One line of the append-only log of refusals.
#[derive(Debug, Clone)]
pub struct RefusedScan {
    pub id: RefusedScanId,
    pub at: DateTime<Utc>,
    pub scanned_at: DateTime<Utc>,
    pub station_id: StationId,
    pub staff_id: AccountId,
    pub device_id: String,
    pub scan_id: String,
    pub reason: Refusal,
    /// Known once the code was authentic.
    pub voucher_id: Option<VoucherId>,
}

/// A request that is well formed.
pub(super) struct Scan<'a> {
    pub(super) actor: &'a Actor,
    pub(super) scan_id: &'a str,
    pub(super) code: Option<ScannedCode>,
    pub(super) station_id: StationId,
    pub(super) device_id: String,
    pub(super) at: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    pub(super) price: Option<Fen>,
}

/// Why not, and as much as is known.
pub(super) struct Refused {
    pub(super) reason: Refusal,
    pub(super) voucher_id: Option<VoucherId>,
    pub(super) used: Option<PriorUse>,
}

impl From<Refusal> for Refused {
    fn from(reason: Refusal) -> Self {
        Self { reason, voucher_id: None, used: None }
    }
}

/// What a judgement is about, once the code proved authentic.
pub(super) struct Subject {
    pub(super) code: CodeStep,
    pub(super) voucher: Voucher,
    pub(super) station: Station,
}
