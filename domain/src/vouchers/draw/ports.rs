//! What draws need from outside.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Draw, DrawEntry, lots::Lot};
use crate::{
    kernel::{
        Page, PageRequest,
        id::{AccountId, DrawEntryId, PersonId, VoucherBatchId},
    },
    store::StoreError,
};

/// What became of somebody who wants to enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnterOutcome {
    Entered,
    /// This person has an entry.
    Twice,
    /// The draw has begun.
    Closed,
}

#[async_trait]
pub trait DrawRepository: Send {
    async fn add(&mut self, draw: &Draw) -> Result<(), StoreError>;
    async fn find(&mut self, batch: VoucherBatchId) -> Result<Option<Draw>, StoreError>;
    /// Adds an entry while the draw waits; one per person.
    async fn enter(&mut self, entry: &DrawEntry) -> Result<EnterOutcome, StoreError>;
    /// The person's own.
    async fn entry_of(
        &mut self,
        id: DrawEntryId,
        person: PersonId,
    ) -> Result<Option<DrawEntry>, StoreError>;
    /// The person's entries in these batches, in no particular order.
    async fn entries_of(
        &mut self,
        person: PersonId,
        batches: &[VoucherBatchId],
    ) -> Result<Vec<DrawEntry>, StoreError>;
    /// Unfinished draws whose hour has come, and those of batches that will never be drawn; paused
    /// batches rest.
    async fn due(&mut self, now: DateTime<Utc>, limit: u64) -> Result<Vec<Draw>, StoreError>;
    /// Takes the round that follows `draw.round` and closes the entries; `false` when another
    /// process has it. The row stays locked until the transaction ends.
    async fn take_round(&mut self, draw: &Draw) -> Result<bool, StoreError>;
    /// Writes state and counts of a draw whose round was taken in this transaction.
    async fn save(&mut self, draw: &Draw) -> Result<(), StoreError>;
    /// Entries without a lot.
    async fn without_lot(
        &mut self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<DrawEntryId>, StoreError>;
    async fn give_lots(&mut self, lots: &[(DrawEntryId, Lot)]) -> Result<(), StoreError>;
    /// Undecided entries, lowest lot first.
    async fn next_in_order(
        &mut self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<DrawEntry>, StoreError>;
    /// Writes what became of undecided entries.
    async fn decide(&mut self, entries: &[DrawEntry]) -> Result<(), StoreError>;
    /// Cancels undecided entries; returns whose they were.
    async fn cancel(
        &mut self,
        batch: VoucherBatchId,
        limit: u64,
    ) -> Result<Vec<(DrawEntryId, AccountId)>, StoreError>;
    /// Decided entries by rank.
    async fn list_ranked(
        &mut self,
        batch: VoucherBatchId,
        page: PageRequest,
    ) -> Result<Page<DrawEntry>, StoreError>;
}
