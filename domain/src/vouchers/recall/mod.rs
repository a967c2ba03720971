//! Taking unused vouchers back: from one person, or from everybody. Used ones stay; a scan and a
//! recall that meet are decided by the voucher's row.
//!
//! A recall goes on in small transactions, and stays open for as long as a scan of before it can
//! still be annulled, so that a voucher which comes back meanwhile is recalled too.

pub mod ports;

mod order;
mod run;

use chrono::{DateTime, Utc};

use super::scans::redemption::ANNULMENT_WINDOW;
use crate::kernel::{
    Foundation,
    id::{AccountId, PersonId, VoucherBatchId, VoucherRecallId},
};

pub use order::Whom;

/// Use cases on recalls.
#[derive(Clone)]
pub struct RecallService {
    pub foundation: Foundation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    pub id: VoucherRecallId,
    pub batch_id: VoucherBatchId,
    /// `None`: everybody's.
    pub person_id: Option<PersonId>,
    /// What holders are told.
    pub reason: String,
    pub ordered_by: AccountId,
    /// Vouchers issued later are not meant.
    pub ordered_at: DateTime<Utc>,
    /// How many so far.
    pub recalled: i64,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Recall {
    /// Whether no scan of before it can be annulled any more.
    pub fn may_finish(&self, now: DateTime<Utc>) -> bool {
        now - self.ordered_at > ANNULMENT_WINDOW
    }
}
