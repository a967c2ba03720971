//! Where a sheet stands, with what each step left behind.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::line::Totals;
use crate::{kernel::coded::coded, vouchers::batches::batch::Officer};

/// Who did something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub by: Officer,
    pub at: DateTime<Utc>,
}

/// What was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub frozen: Signature,
    pub totals: Totals,
    /// SHA-256 over the lines, hexadecimal.
    pub hash: String,
}

/// Why a sheet that was frozen is open again, or why it ended without payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    pub signature: Signature,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub signature: Signature,
    /// The bank's or the accounts' own number.
    pub reference: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Stage {
    Open {
        sent_back: Option<Objection>,
    },
    Frozen {
        sheet: Sheet,
    },
    Confirmed {
        sheet: Sheet,
        confirmed: Signature,
    },
    Approved {
        sheet: Sheet,
        confirmed: Signature,
        approved: Signature,
    },
    Paid {
        sheet: Sheet,
        confirmed: Signature,
        approved: Signature,
        payment: Payment,
    },
    Closed {
        sheet: Sheet,
        confirmed: Signature,
        approved: Signature,
        payment: Payment,
        closed: Signature,
    },
    Rejected {
        objection: Objection,
    },
    Cancelled {
        objection: Objection,
    },
}

impl Stage {
    pub fn status(&self) -> SettlementStatus {
        match self {
            Self::Open { .. } => SettlementStatus::Open,
            Self::Frozen { .. } => SettlementStatus::Frozen,
            Self::Confirmed { .. } => SettlementStatus::Confirmed,
            Self::Approved { .. } => SettlementStatus::Approved,
            Self::Paid { .. } => SettlementStatus::Paid,
            Self::Closed { .. } => SettlementStatus::Closed,
            Self::Rejected { .. } => SettlementStatus::Rejected,
            Self::Cancelled { .. } => SettlementStatus::Cancelled,
        }
    }

    /// The frozen lines' totals and hash, while there are lines.
    pub fn sheet(&self) -> Option<&Sheet> {
        match self {
            Self::Frozen { sheet }
            | Self::Confirmed { sheet, .. }
            | Self::Approved { sheet, .. }
            | Self::Paid { sheet, .. }
            | Self::Closed { sheet, .. } => Some(sheet),
            Self::Open { .. } | Self::Rejected { .. } | Self::Cancelled { .. } => None,
        }
    }

    /// Why it is open again or void.
    pub fn objection(&self) -> Option<&Objection> {
        match self {
            Self::Open { sent_back } => sent_back.as_ref(),
            Self::Rejected { objection } | Self::Cancelled { objection } => Some(objection),
            Self::Frozen { .. }
            | Self::Confirmed { .. }
            | Self::Approved { .. }
            | Self::Paid { .. }
            | Self::Closed { .. } => None,
        }
    }
}

coded! {
    /// A stage without its data.
    SettlementStatus {
        Open "open",
        Frozen "frozen",
        Confirmed "confirmed",
        Approved "approved",
        Paid "paid",
        Closed "closed",
        Rejected "rejected",
        Cancelled "cancelled",
    }
}

impl SettlementStatus {
    /// Whether its lines stay for good.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Approved | Self::Paid | Self::Closed)
    }

    /// Whether it ended without payment: its days are free for another sheet.
    pub const fn is_void(self) -> bool {
        matches!(self, Self::Rejected | Self::Cancelled)
    }
}
