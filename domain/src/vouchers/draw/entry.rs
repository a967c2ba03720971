//! One person's chance in a draw: entered, then won, lost, ineligible or cancelled.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{AccountId, DrawEntryId, PersonId, VoucherBatchId, VoucherId};

/// Ranks count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum EntryState {
    Entered,
    Won {
        rank: i64,
        voucher_id: VoucherId,
    },
    Lost {
        rank: i64,
    },
    /// The owner did not meet the batch's conditions any more.
    Ineligible {
        rank: i64,
    },
    /// There was no draw.
    Cancelled,
}

impl EntryState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entered => "entered",
            Self::Won { .. } => "won",
            Self::Lost { .. } => "lost",
            Self::Ineligible { .. } => "ineligible",
            Self::Cancelled => "cancelled",
        }
    }

    pub const fn rank(self) -> Option<i64> {
        match self {
            Self::Won { rank, .. } | Self::Lost { rank } | Self::Ineligible { rank } => Some(rank),
            Self::Entered | Self::Cancelled => None,
        }
    }

    pub const fn voucher_id(self) -> Option<VoucherId> {
        match self {
            Self::Won { voucher_id, .. } => Some(voucher_id),
            Self::Entered | Self::Lost { .. } | Self::Ineligible { .. } | Self::Cancelled => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawEntry {
    pub id: DrawEntryId,
    pub batch_id: VoucherBatchId,
    pub person_id: PersonId,
    /// Where notices about it go.
    pub account_id: AccountId,
    pub entered_at: DateTime<Utc>,
    pub draws_at: DateTime<Utc>,
    pub state: EntryState,
}
