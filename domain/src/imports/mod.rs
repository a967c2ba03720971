//! Tables that offices hand in: one engine for every kind of them. It knows rows, lines and
//! progress; what a row means is its target's business (`target.rs`).
//!
//! A file is looked at when it is handed in (is it a table, has it the columns, how many rows) and
//! then taken in chunks, each in one transaction together with the counters and the place it came
//! to: a process that dies goes on where it was, and no row is taken twice. A broken row is refused
//! by line and column and never stops the others. A dry run does the same and takes nothing.
//!
//! Neither report nor log repeats what a cell says: rosters are personal data.

mod browse;
mod cursor;
pub mod error;
pub mod import;
pub mod kind;
pub mod layout;
pub mod ports;
mod receive;
pub mod row;
mod run;
mod take;
pub mod target;

use std::sync::{Arc, Mutex};

pub use browse::Report;
pub use error::ImportError;
pub use import::{Import, ImportState, ImportStatus, RowError, Tally};
pub use kind::{ImportColumn, ImportKind, TableFormat};
pub use receive::NewImport;
pub use row::Row;
pub use target::{ImportTarget, RowAnswer, RowOutcome};

use cursor::Cursor;

use crate::kernel::Foundation;
use ports::{TableReader, TemplateWriter};

/// Bytes of a file; a roster of 100,000 has 10 MB at most.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;
/// Rows of a file, without heading and blank ones.
pub const MAX_ROWS: u64 = 100_000;
/// Rows of one transaction: long enough to be quick, short enough not to keep others waiting.
pub const CHUNK_ROWS: usize = 500;
/// Refused cells that a report names; all are counted.
pub const MAX_NAMED_ERRORS: u64 = 1_000;

/// Use cases on imports; each lives in the file of its verb.
pub struct ImportService {
    pub foundation: Foundation,
    pub tables: Arc<dyn TableReader>,
    pub templates: Arc<dyn TemplateWriter>,
    /// One a kind.
    pub targets: Vec<Arc<dyn ImportTarget>>,
    /// Where the job stands in the file it is at. Losing it costs reading the file anew.
    place: Mutex<Option<Cursor>>,
}

impl ImportService {
    pub fn new(
        foundation: Foundation,
        tables: Arc<dyn TableReader>,
        templates: Arc<dyn TemplateWriter>,
        targets: Vec<Arc<dyn ImportTarget>>,
    ) -> Self {
        let place = Mutex::new(None);
        Self {
            foundation,
            tables,
            templates,
            targets,
            place,
        }
    }

    fn target(&self, kind: &str) -> Result<&Arc<dyn ImportTarget>, ImportError> {
        let known = self
            .targets
            .iter()
            .find(|target| target.kind().code == kind);
        known.ok_or(ImportError::UnknownKind)
    }
}
