//! What a device sends of what it scanned without a network, and what it is answered.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        Fen, Invalid,
        id::{DisputedScanId, RedemptionId, StationId, VoucherId},
    },
    vouchers::scans::judge::MAX_CLOCK_SKEW,
};

/// Scans of one upload; they fit into 64 KiB.
const MAX_SCANS: usize = 200;

/// What a device sends.
#[derive(Debug, Clone)]
pub struct Upload {
    pub station_id: StationId,
    pub device_id: String,
    /// The device holds nothing older any more.
    pub synced_through: Option<DateTime<Utc>>,
    pub scans: Vec<UploadedScan>,
}

impl Upload {
    pub(crate) fn check(&self, now: DateTime<Utc>) -> Result<(), Invalid> {
        if self.scans.len() > MAX_SCANS {
            return Err(Invalid::field(
                "items",
                "too_many_items",
                "一次最多上传 200 笔，请分批上传",
            ));
        }
        if self
            .synced_through
            .is_some_and(|through| through > now + MAX_CLOCK_SKEW)
        {
            return Err(Invalid::field(
                "syncedThrough",
                "in_the_future",
                "上传截止时间不能晚于现在，请校准设备时间",
            ));
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub struct UploadedScan {
    pub scan_id: String,
    pub code: String,
    /// By the device's clock.
    pub scanned_at: DateTime<Utc>,
    pub price_fen: Option<i64>,
}

/// What became of one scan; kept as its first answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    Accepted {
        redemption_id: RedemptionId,
        voucher_id: VoucherId,
        amount: Fen,
        copay: Fen,
    },
    /// Parked; a cadre decides.
    Disputed { id: DisputedScanId, reason: String },
    /// Not a scan: the field to mend. Nothing is kept.
    Malformed { field: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemAnswer {
    /// Absent where it was malformed.
    pub scan_id: Option<String>,
    pub outcome: ItemOutcome,
}

/// One answer for each scan, in the order sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadReport {
    pub scans: Vec<ItemAnswer>,
}
