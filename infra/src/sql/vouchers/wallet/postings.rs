//! What is booked about vouchers: the batch is the budget, the voucher the subject, and the
//! sequence its redemption's number, or 0 for the whole voucher.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Fen,
        id::{BudgetId, SubjectId, VoucherBatchId},
    },
    ledger::{
        Entry, Posting,
        postings::{Release, Reverse},
    },
    store::StoreError,
};
use uuid::Uuid;

use super::entity::voucher;
use crate::sql::{
    db::{rows::corrupt, store::SqlTx},
    vouchers::scans::entity::redemption,
};

/// The reserve of a voucher that is void.
pub(crate) fn release_of_voucher(
    row: &voucher::Model,
    at: DateTime<Utc>,
) -> Result<Posting, StoreError> {
    release(entry(row.batch_id, row.id, 0, at), row.face_value_fen)
}

/// What a redemption left of the voucher's reserve.
pub(crate) fn release_of_remainder(
    row: &redemption::Model,
    at: DateTime<Utc>,
) -> Result<Posting, StoreError> {
    release(of_redemption(row, at), row.remainder_fen)
}

/// What is reserved of a voucher once its redemption is taken back and it is worth nothing any
/// more.
pub(crate) fn release_of_rejected(
    row: &redemption::Model,
    at: DateTime<Utc>,
) -> Result<Posting, StoreError> {
    let left_over = row.remainder_released_at.map_or(row.remainder_fen, |_| 0);
    release(
        entry(row.batch_id, row.voucher_id, 0, at),
        row.amount_fen + left_over,
    )
}

/// A redemption's spending, taken back.
pub(crate) fn reversal(row: &redemption::Model, at: DateTime<Utc>) -> Result<Posting, StoreError> {
    let entry = of_redemption(row, at);
    let amount = Fen::new(row.amount_fen).ok_or_else(|| corrupt("redemptions", row.id))?;
    Ok(Reverse { entry, amount }.into())
}

fn release(entry: Entry, fen: i64) -> Result<Posting, StoreError> {
    let amount = Fen::new(fen).ok_or_else(|| corrupt("vouchers", entry.subject_id.uuid()))?;
    Ok(Release { entry, amount }.into())
}

fn of_redemption(row: &redemption::Model, at: DateTime<Utc>) -> Entry {
    entry(row.batch_id, row.voucher_id, row.sequence, at)
}

fn entry(batch: Uuid, voucher: Uuid, sequence: i32, at: DateTime<Utc>) -> Entry {
    Entry {
        budget_id: BudgetId::from_uuid(batch),
        subject_id: SubjectId::from_uuid(voucher),
        sequence,
        at,
    }
}

impl SqlTx {
    /// Books releases. Returns how many of which batch.
    pub(crate) async fn release(
        &self,
        releases: &[Posting],
    ) -> Result<Vec<(VoucherBatchId, u64)>, StoreError> {
        self.post_all(releases).await?;
        let mut counts: BTreeMap<VoucherBatchId, u64> = BTreeMap::new();
        for posting in releases {
            *counts.entry(posting.entry().budget_id.into()).or_default() += 1;
        }
        Ok(counts.into_iter().collect())
    }
}
