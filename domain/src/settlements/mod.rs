//! What stations are paid, to the fen: sheets from freeze to payment, adjustments, exports.
//! `README.md` beside this file describes the steps, what a freeze takes, and the hash over the
//! lines.

pub mod adjustment;
pub mod error;
pub mod export;
pub mod line;
pub mod period;
pub mod ports;
pub mod reach;
pub mod settlement;
pub mod table;

mod adjust;
mod answer;
mod browse;
mod decide;
mod freeze;
mod keep;
mod open;

use std::sync::Arc;

pub use adjustment::{Adjustment, AdjustmentRefused, Cause, book_adjustment};
pub use error::SettlementError;
pub use export::CsvExport;
pub use open::NewSettlement;
use ports::SheetWriter;
pub use settlement::{Settlement, SettlementStatus};

use crate::{
    kernel::{Clock, Random},
    store::Store,
    vouchers::collusion::CollusionService,
};

/// Use cases on settlements.
#[derive(Clone)]
pub struct SettlementService {
    pub store: Arc<dyn Store>,
    pub sheets: Arc<dyn SheetWriter>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub collusion: CollusionService,
}
