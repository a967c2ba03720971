//! What stations are paid, to the fen: sheets from freeze to payment, adjustments, exports.
//! `README.md` beside this file describes the steps, what a freeze takes, and the hash over the
//! lines.

pub mod adjustments;
pub mod error;
pub mod export;
pub mod news;
pub mod ports;
pub mod sheets;

use std::sync::Arc;

pub use adjustments::adjustment::{Adjustment, AdjustmentRefused, Cause, book_adjustment};
pub use error::SettlementError;
pub use export::CsvExport;
use ports::SheetWriter;
pub use sheets::open::NewSettlement;
pub use sheets::{settlement::Settlement, stage::SettlementStatus};

use crate::{kernel::Foundation, vouchers::collusion::CollusionService};

/// Use cases on settlements.
#[derive(Clone)]
pub struct SettlementService {
    pub foundation: Foundation,
    pub sheets: Arc<dyn SheetWriter>,
    pub collusion: CollusionService,
}
