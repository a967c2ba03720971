//! Words of a scan: what staff sent, what is kept as the answer, what is told.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    code::{CodeStep, ScannedCode},
    redemption::Redemption,
    refusal::Refusal,
    voucher::Voucher,
};
use crate::{
    kernel::{
        Actor, Bearer, Fen, IdempotentRequest,
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
    Refused {
        reason: Refusal,
        used: Option<PriorUse>,
    },
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

impl AcceptedScan {
    pub(super) fn of(redemption: &Redemption) -> Self {
        Self {
            redemption_id: redemption.id,
            voucher_id: redemption.voucher_id,
            person_id: redemption.person_id,
            amount: redemption.payment.amount,
            copay: redemption.payment.copay,
            accepted_at: redemption.accepted_at,
        }
    }
}

/// When and where a voucher was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorUse {
    pub at: DateTime<Utc>,
    pub station_id: StationId,
    pub station_name: String,
}

impl ScanOutcome {
    /// With the holder's name, if it is among `names`.
    pub(super) fn told(self, names: &HashMap<PersonId, String>) -> ScanAnswer {
        match self {
            Self::Refused { reason, used } => ScanAnswer::Refused { reason, used },
            Self::Accepted(scan) => {
                let holder_masked = names.get(&scan.person_id).cloned();
                ScanAnswer::Accepted {
                    scan,
                    holder_masked,
                }
            }
        }
    }
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

/// How a scan came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Sent as it was made: the station's clock must agree with ours.
    Live,
    /// Uploaded later and judged as of when it was made. Whether that instant can be believed is
    /// for the upload to say.
    Uploaded,
}

/// A well-formed request on its way into a group.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) bearer: Bearer,
    pub(super) request: IdempotentRequest,
    pub(super) code: Option<ScannedCode>,
    pub(super) station_id: StationId,
    pub(super) device_id: String,
    pub(super) at: DateTime<Utc>,
    /// When it arrived.
    pub(super) now: DateTime<Utc>,
    pub(super) price: Option<Fen>,
}

impl Sent {
    pub(super) fn by<'a>(&'a self, actor: &'a Actor) -> Scan<'a> {
        Scan {
            actor,
            scan_id: self.request.key.as_str(),
            code: self.code.clone(),
            station_id: self.station_id,
            device_id: self.device_id.clone(),
            way: Way::Live,
            at: self.at,
            now: self.now,
            price: self.price,
        }
    }
}

/// A scan by somebody whose rights are known.
pub(super) struct Scan<'a> {
    pub(super) actor: &'a Actor,
    pub(super) scan_id: &'a str,
    pub(super) code: Option<ScannedCode>,
    pub(super) station_id: StationId,
    pub(super) device_id: String,
    pub(super) way: Way,
    /// When it was made, by the station's clock.
    pub(super) at: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    pub(super) price: Option<Fen>,
}

impl Scan<'_> {
    /// Whether the redemption came of this very scan.
    pub(super) fn made(&self, redemption: &Redemption) -> bool {
        redemption.scan_id == self.scan_id
            && redemption.station_id == self.station_id
            && redemption.device_id == self.device_id
    }
}

/// What became of a scan.
pub(super) type Verdict = Result<AcceptedScan, Refused>;

/// Why not, and as much as is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    pub(super) reason: Refusal,
    pub(super) voucher_id: Option<VoucherId>,
    pub(super) used: Option<PriorUse>,
}

/// What a judgement is about, once the code proved authentic.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) code: CodeStep,
    pub(super) voucher: Voucher,
    pub(super) station: Station,
    /// Otherwise this scan, if it is accepted, enrols the device.
    pub(super) is_enrolled: bool,
}
