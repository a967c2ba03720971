//! Reconciliation over all batches: the conservation equations of V12, and rows that contradict one
//! another. On demand by the command line, nightly by a job. It reads page by page, changes nothing
//! it looks at, and says what differs; mending is for people.

pub mod conservation;
pub mod contradiction;
pub mod ports;
pub mod report;

mod check;
mod nightly;

pub use contradiction::{Contradiction, Stray};
pub use nightly::Reconciliation;
pub use report::{Difference, Report, Totals};

use crate::kernel::Foundation;

/// Use cases of looking whether the books are right.
#[derive(Clone)]
pub struct ReconciliationService {
    pub foundation: Foundation,
}
