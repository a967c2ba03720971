//! Where sheets and their lines are kept; guarded writes say whether they took effect.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    adjustments::adjustment::{Adjustable, Adjustment},
    export::table::Cell,
    sheets::{
        line::{Line, Totals},
        reach::Reach,
        settlement::Settlement,
        stage::SettlementStatus,
    },
};
use crate::{
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{DisputedScanId, RedemptionId, SettlementId, StationId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::batches::batch::Officer,
};

/// Which sheets of those in reach.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettlementFilter {
    pub station: Option<StationId>,
    pub status: Option<SettlementStatus>,
}

#[async_trait]
pub trait SettlementRepository: Send {
    /// Adds an open sheet and takes its days; `false` when another sheet of the station has one of
    /// them, and then the transaction must be dropped.
    async fn add(&mut self, settlement: &Settlement) -> Result<bool, StoreError>;
    async fn find(
        &mut self,
        id: SettlementId,
        reach: &Reach,
    ) -> Result<Option<Settlement>, StoreError>;
    /// Newest first.
    async fn list(
        &mut self,
        reach: &Reach,
        filter: SettlementFilter,
        page: PageRequest,
    ) -> Result<Page<Settlement>, StoreError>;
    /// Keeps everybody else from writing this sheet until the transaction ends; `false` when it
    /// changed meanwhile.
    async fn hold_still(&mut self, seen: &Settlement) -> Result<bool, StoreError>;
    /// Writes a sheet at its next revision; `false` when somebody else was first. Void sheets give
    /// their days back.
    async fn save(&mut self, after: &Settlement) -> Result<bool, StoreError>;
    /// The youngest redemption that the sheet would take, by the time of its acceptance.
    async fn youngest_payable(
        &mut self,
        settlement: &Settlement,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;
    /// Some of the station's disputed offline scans, up to the period's last day, that nobody has
    /// decided on.
    async fn undecided_scans(
        &mut self,
        settlement: &Settlement,
    ) -> Result<Vec<DisputedScanId>, StoreError>;
    /// Makes lines of every payable redemption of the station up to the period's last day that was
    /// accepted before `accepted_before`, and of all its adjustments, unless they are lines
    /// already. The totals are the database's.
    async fn take_lines(
        &mut self,
        settlement: &Settlement,
        accepted_before: DateTime<Utc>,
    ) -> Result<Totals, StoreError>;
    /// Frees redemptions and adjustments for another sheet.
    async fn release_lines(&mut self, id: SettlementId) -> Result<(), StoreError>;
    /// In order, after a line number.
    async fn lines(
        &mut self,
        id: SettlementId,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Line>, StoreError>;
    /// A page in order; the cursor is the subject of the last line seen.
    async fn page_of_lines(
        &mut self,
        id: SettlementId,
        page: PageRequest,
    ) -> Result<Page<Line>, StoreError>;
    /// Those of the sheet's batches whose lines, over all sheets, are more than what they have
    /// spent (V11).
    async fn overspent(&mut self, id: SettlementId) -> Result<Vec<VoucherBatchId>, StoreError>;
    /// Who made the sheet's adjustments.
    async fn adjusters(&mut self, id: SettlementId) -> Result<Vec<Officer>, StoreError>;
}

#[async_trait]
pub trait AdjustmentRepository: Send {
    /// `false` when its cause was adjusted before.
    async fn add(&mut self, adjustment: &Adjustment) -> Result<bool, StoreError>;
    /// What an adjustment of this redemption needs to know.
    async fn adjustable(
        &mut self,
        id: RedemptionId,
        area: &Jurisdiction,
    ) -> Result<Option<Adjustable>, StoreError>;
}

/// The spreadsheet could not be written.
#[derive(Debug, thiserror::Error)]
#[error("spreadsheet: {0}")]
pub struct SheetFault(pub String);

/// Writes spreadsheets of any length in bounded memory.
#[async_trait]
pub trait SheetWriter: Send + Sync {
    /// A workbook with a small sheet, finished, and a long one that begins with a heading.
    async fn open(
        &self,
        summary: Vec<Vec<Cell>>,
        heading: Vec<Cell>,
    ) -> Result<Box<dyn OpenWorkbook>, SheetFault>;
}

#[async_trait]
pub trait OpenWorkbook: Send {
    /// Adds rows to the long sheet.
    async fn append(&mut self, rows: Vec<Vec<Cell>>) -> Result<(), SheetFault>;
    async fn finish(self: Box<Self>) -> Result<Box<dyn FinishedWorkbook>, SheetFault>;
}

#[async_trait]
pub trait FinishedWorkbook: Send {
    /// The file's next bytes; `None` at its end.
    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, SheetFault>;
}
