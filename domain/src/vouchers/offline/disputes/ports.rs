//! What disputed scans need from outside: their repository, and money for those that are honoured.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::dispute::{DisputeStatus, DisputedScan};
use crate::{
    kernel::{
        Fen, Jurisdiction, Page, PageRequest,
        id::{DisputedScanId, StationId, VoucherBatchId},
    },
    store::{StoreError, Tx},
    vouchers::batches::batch::Officer,
};

/// Which disputed scans are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DisputeFilter {
    pub status: Option<DisputeStatus>,
    pub station: Option<StationId>,
}

#[async_trait]
pub trait DisputedScanRepository: Send {
    async fn park(&mut self, disputed: &[DisputedScan]) -> Result<(), StoreError>;
    /// In no particular order; unknown ids are left out.
    async fn find_many(&mut self, ids: &[DisputedScanId]) -> Result<Vec<DisputedScan>, StoreError>;
    async fn find_within(
        &mut self,
        id: DisputedScanId,
        area: &Jurisdiction,
    ) -> Result<Option<DisputedScan>, StoreError>;
    /// Newest first.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: DisputeFilter,
        page: PageRequest,
    ) -> Result<Page<DisputedScan>, StoreError>;
    /// Writes a resolved scan if it is still open; `false` otherwise.
    async fn resolve(&mut self, resolved: &DisputedScan) -> Result<bool, StoreError>;
}

/// A meal that was served in good faith, and what it is worth to the station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HonouredScan {
    pub id: DisputedScanId,
    pub station_id: StationId,
    /// Whose budget it is paid from.
    pub batch_id: VoucherBatchId,
    pub amount: Fen,
    pub reason: String,
    pub by: Officer,
    pub at: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub enum PaymentRefused {
    /// The same scan was paid before.
    #[error("paid before")]
    Twice,
    #[error("no room in the batch's budget")]
    NoBudget,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How stations are paid is the business of a room above this one.
#[async_trait]
pub trait StationPayments: Send + Sync {
    /// Books the payment in the caller's transaction, which must be dropped after a refusal.
    async fn honour(&self, tx: &mut dyn Tx, scan: &HonouredScan) -> Result<(), PaymentRefused>;
}
