//! An uploaded scan that does not add up: the meal was served, and somebody has to say who pays.
//! `open → honoured | rejected | redeemed`; nothing is ever dropped.

use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        Fen,
        coded::coded,
        id::{
            AccountId, DisputedScanId, RedemptionId, StationDeviceId, StationId, VoucherBatchId,
            VoucherId,
        },
    },
    vouchers::scans::refusal::Refusal,
};

/// Why a scan was parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeReason {
    /// Of invariant V8, judged as of when the scan was made.
    Refused(Refusal),
    /// More than the device may take on a day, in scans or in money.
    CapExceeded,
}

impl DisputeReason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::CapExceeded => "cap_exceeded",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "cap_exceeded" => Some(Self::CapExceeded),
            other => serde_json::from_value(other.into()).ok().map(Self::Refused),
        }
    }
}

/// What the code says it is of, where there is such a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    pub voucher_id: VoucherId,
    pub batch_id: VoucherBatchId,
    /// What the voucher would have paid.
    pub amount: Fen,
}

/// Who decided, when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub at: DateTime<Utc>,
    pub by: AccountId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisputeState {
    Open,
    /// The station is paid by an adjustment.
    Honoured(Decided),
    /// The station bears it.
    Rejected(Decided),
    /// Judged again, and sound by then.
    Redeemed(Decided, RedemptionId),
}

coded! {
    /// A state without its data, for lists.
    DisputeStatus {
        Open "open",
        Honoured "honoured",
        Rejected "rejected",
        Redeemed "redeemed",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputedScan {
    pub id: DisputedScanId,
    pub device: StationDeviceId,
    pub station_id: StationId,
    pub scan_id: String,
    /// Who uploaded it.
    pub staff_id: AccountId,
    pub reason: DisputeReason,
    pub scanned_at: DateTime<Utc>,
    /// As it was scanned, to be judged again.
    pub code: String,
    pub price: Option<Fen>,
    pub claimed: Option<Claimed>,
    pub uploaded_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub state: DisputeState,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("resolved before")]
pub struct AlreadyResolved;

impl DisputedScan {
    pub const fn status(&self) -> DisputeStatus {
        match self.state {
            DisputeState::Open => DisputeStatus::Open,
            DisputeState::Honoured(_) => DisputeStatus::Honoured,
            DisputeState::Rejected(_) => DisputeStatus::Rejected,
            DisputeState::Redeemed(..) => DisputeStatus::Redeemed,
        }
    }

    /// What a decision has to name: it changes once, when it is resolved.
    pub const fn revision(&self) -> i64 {
        match self.state {
            DisputeState::Open => 1,
            DisputeState::Honoured(_) | DisputeState::Rejected(_) | DisputeState::Redeemed(..) => 2,
        }
    }

    pub fn resolve(self, state: DisputeState) -> Result<Self, AlreadyResolved> {
        match self.state {
            DisputeState::Open => Ok(Self { state, ..self }),
            DisputeState::Honoured(_) | DisputeState::Rejected(_) | DisputeState::Redeemed(..) => {
                Err(AlreadyResolved)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(DisputeReason::CapExceeded)]
    #[case(DisputeReason::Refused(Refusal::PersonMealLimit))]
    #[case(DisputeReason::Refused(Refusal::ClockSkew))]
    fn reasons_read_back(#[case] reason: DisputeReason) {
        assert_eq!(DisputeReason::parse(reason.as_str()), Some(reason));
        assert_eq!(DisputeReason::parse("no_such_reason"), None);
    }
}
