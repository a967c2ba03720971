//! Words of a scan: what staff sent, what is kept as the answer, what is told.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{redemption::Redemption, refusal::Refusal};
use crate::{
    kernel::{
        Actor, Bearer, Fen, IdempotentRequest,
        id::{AccountId, PersonId, RedemptionId, RefusedScanId, StationId, VoucherId},
    },
    stations::station::Station,
    vouchers::{
        codes::code::{CodeStep, ScannedCode},
        wallet::voucher::Voucher,
    },
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
    pub(crate) fn of(redemption: &Redemption) -> Self {
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
    pub(crate) fn told(self, names: &HashMap<PersonId, String>) -> ScanAnswer {
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
pub(crate) enum Way {
    /// Sent as it was made: the station's clock must agree with ours.
    Live,
    /// Uploaded later and judged as of when it was made. Whether that instant can be believed is
    /// for the upload to say.
    Uploaded,
}

/// A well-formed request on its way into a group.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) bearer: Bearer,
    pub(crate) request: IdempotentRequest,
    pub(crate) code: Option<ScannedCode>,
    pub(crate) station_id: StationId,
    pub(crate) device_id: String,
    pub(crate) at: DateTime<Utc>,
    /// When it arrived.
    pub(crate) now: DateTime<Utc>,
    pub(crate) price: Option<Fen>,
}

impl Sent {
    pub(crate) fn by<'a>(&'a self, actor: &'a Actor) -> Scan<'a> {
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
pub(crate) struct Scan<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) scan_id: &'a str,
    pub(crate) code: Option<ScannedCode>,
    pub(crate) station_id: StationId,
    pub(crate) device_id: String,
    pub(crate) way: Way,
    /// When it was made, by the station's clock.
    pub(crate) at: DateTime<Utc>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) price: Option<Fen>,
}

impl Scan<'_> {
    /// Whether the redemption came of this very scan.
    pub(crate) fn made(&self, redemption: &Redemption) -> bool {
        redemption.scan_id == self.scan_id
            && redemption.station_id == self.station_id
            && redemption.device_id == self.device_id
    }
}

/// What became of a scan.
pub(crate) type Verdict = Result<AcceptedScan, Refused>;

/// Why not, and as much as is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refused {
    pub(crate) reason: Refusal,
    pub(crate) voucher_id: Option<VoucherId>,
    pub(crate) used: Option<PriorUse>,
}

/// What a judgement is about, once the code proved authentic.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) code: CodeStep,
    pub(crate) voucher: Voucher,
    pub(crate) station: Station,
    /// Otherwise this scan, if it is accepted, enrols the device.
    pub(crate) is_enrolled: bool,
}
