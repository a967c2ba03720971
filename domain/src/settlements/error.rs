//! Everything that can go wrong here, in business words.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    adjustments::adjustment::AdjustmentRefused,
    ports::SheetFault,
    sheets::{settlement::StepRefused, stage::SettlementStatus},
};
use crate::{
    kernel::{AccessError, Invalid, id::DisputedScanId},
    store::StoreError,
    vouchers::offline::devices::device::StationDevice,
};

#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    #[error("another sheet of the station has one of these days")]
    PeriodTaken,
    #[error("sheet is {}", .0.code())]
    State(SettlementStatus),
    #[error("steps that need two people")]
    SamePerson,
    /// Changed between reading and writing.
    #[error("changed meanwhile")]
    ChangedMeanwhile,
    #[error("the period ends with {last_day}")]
    PeriodNotOver { last_day: NaiveDate },
    /// A redemption can still be annulled.
    #[error("annulment is open until {until}")]
    AnnulmentOpen { until: DateTime<Utc> },
    /// Devices of the station may still hold scans of these days.
    #[error("{} devices have not synced", .0.len())]
    Unsynced(Vec<StationDevice>),
    /// Nobody has decided on these disputed offline scans.
    #[error("{} scans are disputed", .0.len())]
    Disputed(Vec<DisputedScanId>),
    #[error("nothing to settle")]
    NothingToSettle,
    /// Lines would be more than what was spent: a defect, and nothing is frozen over it.
    #[error("lines exceed spending")]
    Overspent,
    /// The merchant saw another sheet than the present one.
    #[error("another sheet was confirmed")]
    OtherSheet,
    #[error("there are no lines yet")]
    NotFrozen,
    /// More rows than a spreadsheet has.
    #[error("too long for a spreadsheet")]
    TooLong,

    /// Only what is approved for payment is adjusted; before, the sheet goes back.
    #[error("redemption is in no approved sheet")]
    NotApproved,
    #[error("adjusted before")]
    AlreadyAdjusted,
    #[error("no room in the budget")]
    NoBudget,

    #[error(transparent)]
    Sheet(#[from] SheetFault),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StepRefused> for SettlementError {
    fn from(refused: StepRefused) -> Self {
        match refused {
            StepRefused::State(status) => Self::State(status),
            StepRefused::SamePerson => Self::SamePerson,
        }
    }
}

impl From<AdjustmentRefused> for SettlementError {
    fn from(refused: AdjustmentRefused) -> Self {
        match refused {
            AdjustmentRefused::Twice => Self::AlreadyAdjusted,
            AdjustmentRefused::NoBudget => Self::NoBudget,
            AdjustmentRefused::Store(error) => Self::Store(error),
        }
    }
}
