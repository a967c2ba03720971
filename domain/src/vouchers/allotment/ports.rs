//! What grant runs need from outside.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::AllotmentRun;
use crate::{
    kernel::{
        DistrictCode,
        id::{AccountId, MembershipId, VoucherBatchId},
    },
    membership::standing::Standing,
    store::StoreError,
};

/// A member who may get a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub standing: Standing,
    /// Where notices go.
    pub account_id: AccountId,
}

#[async_trait]
pub trait AllotmentRunRepository: Send {
    async fn add(&mut self, run: &AllotmentRun) -> Result<(), StoreError>;
    async fn find(&mut self, batch: VoucherBatchId) -> Result<Option<AllotmentRun>, StoreError>;
    /// Unfinished runs whose time has come, and those of batches that issue no more; paused batches
    /// rest.
    async fn due(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<AllotmentRun>, StoreError>;
    /// Takes the round that follows `run.round`; `false` when another process has it. The row stays
    /// locked until the transaction ends.
    async fn take_round(&mut self, run: &AllotmentRun) -> Result<bool, StoreError>;
    /// Writes a run whose round was taken in this transaction.
    async fn save(&mut self, run: &AllotmentRun) -> Result<(), StoreError>;
    /// Lets an exhausted run go on; others stay as they are.
    async fn go_on(&mut self, batch: VoucherBatchId) -> Result<(), StoreError>;
    /// Live members of the district's unions, in order of their membership ids, after `cursor`.
    async fn candidates(
        &mut self,
        district: DistrictCode,
        cursor: Option<MembershipId>,
        limit: u64,
    ) -> Result<Vec<Candidate>, StoreError>;
}
