//! What recalls need from outside.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Recall;
use crate::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, VoucherBatchId, VoucherId},
    },
    store::StoreError,
};

#[async_trait]
pub trait VoucherRecallRepository: Send {
    async fn add(&mut self, recall: &Recall) -> Result<(), StoreError>;
    /// Newest first.
    async fn list(
        &mut self,
        batch: VoucherBatchId,
        page: PageRequest,
    ) -> Result<Page<Recall>, StoreError>;
    /// Unfinished ones, oldest first.
    async fn open(&mut self, limit: u64) -> Result<Vec<Recall>, StoreError>;
    /// Takes back up to `limit` unused vouchers, releases their reserve and counts them. Vouchers
    /// that somebody else is writing at this moment are left for the next call. Returns whose they
    /// were.
    async fn take_back(
        &mut self,
        recall: &Recall,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<(VoucherId, AccountId)>, StoreError>;
    /// `false` when unused vouchers are left, or another process was first.
    async fn finish(&mut self, recall: &Recall, now: DateTime<Utc>) -> Result<bool, StoreError>;
}
