//! Worker stations: where, open now?, what they have.

pub mod error;
pub mod hours;
pub mod news;
pub mod ports;
pub mod station;

mod add;
mod find;
mod report;

use std::sync::Arc;

pub use add::NewStation;
pub use error::StationError;
pub use find::{StationFilter, StationView};
pub use report::{NewReport, ReportKind, ReportReceipt, StationReport};

use crate::kernel::{Foundation, ports::cache::Cache};

/// Use cases on stations.
#[derive(Clone)]
pub struct StationService {
    pub foundation: Foundation,
    pub cache: Arc<dyn Cache>,
}
