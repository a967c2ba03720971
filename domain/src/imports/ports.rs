//! What this engine needs from outside. Guarded writes report whether they took effect.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    import::{Import, RowError},
    kind::{ImportKind, TableFormat},
    row::RawRow,
};
use crate::{
    kernel::{Jurisdiction, Page, PageRequest, id::ImportId},
    store::StoreError,
};

/// Why a file is no table. Never repeats what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// Neither a workbook nor text, or damaged.
    #[error("not a table, or damaged")]
    Unreadable,
    /// A workbook of the years before 2007, or one with a password.
    #[error("an old workbook, or one with a password")]
    OldOrLocked,
    /// Text in neither UTF-8 nor GB18030.
    #[error("text in an unknown encoding")]
    Encoding,
    /// Unpacks to more than anybody types.
    #[error("unpacks to too much")]
    TooLarge,
}

/// Reads workbooks (`.xlsx`, the first visible sheet) and CSV (UTF-8 or GB18030); which one it is
/// is seen from the content.
#[async_trait]
pub trait TableReader: Send + Sync {
    async fn open(&self, file: Arc<Vec<u8>>) -> Result<Box<dyn TableRows>, TableFault>;
}

/// The lines of a table in their order, in bounded memory.
#[async_trait]
pub trait TableRows: Send {
    /// Some of the next lines; empty at the end.
    async fn next(&mut self) -> Result<Vec<RawRow>, TableFault>;
}

/// Makes the file that an office fills in: headings, one example row, notes.
pub trait TemplateWriter: Send + Sync {
    fn template(&self, kind: &ImportKind, format: TableFormat) -> Result<Vec<u8>, TemplateFault>;
}

/// A template could not be made: ours to mend.
#[derive(Debug, thiserror::Error)]
#[error("template not written: {0}")]
pub struct TemplateFault(pub String);

#[async_trait]
pub trait ImportRepository: Send {
    /// Keeps the import and its file, which is sealed: it is personal data.
    async fn add(&mut self, import: &Import, file: &[u8]) -> Result<(), StoreError>;
    async fn find(&mut self, id: ImportId) -> Result<Option<Import>, StoreError>;
    async fn find_within(
        &mut self,
        id: ImportId,
        area: &Jurisdiction,
    ) -> Result<Option<Import>, StoreError>;
    /// Newest first, inside the reader's area.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<Import>, StoreError>;
    /// The oldest import that is not over.
    async fn oldest_open(&mut self) -> Result<Option<Import>, StoreError>;
    /// The file; `None` when the import is over.
    async fn file(&mut self, id: ImportId) -> Result<Option<Vec<u8>>, StoreError>;
    /// Writes tally and state if the import is open and still at `read_before` rows; `false`:
    /// another process was faster.
    async fn save(&mut self, import: &Import, read_before: u64) -> Result<bool, StoreError>;
    /// Adds to the report. Errors are numbered from `first`.
    async fn add_errors(
        &mut self,
        id: ImportId,
        first: u64,
        errors: &[RowError],
    ) -> Result<(), StoreError>;
    /// The report's errors by line.
    async fn errors(&mut self, id: ImportId) -> Result<Vec<RowError>, StoreError>;
    /// Nobody needs the file any more.
    async fn remove_file(&mut self, id: ImportId) -> Result<(), StoreError>;
}
