//! Everything that can go wrong here, in business words.

use super::ports::{TableFault, TemplateFault};
use crate::{
    kernel::{AccessError, Invalid},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such kind of import.
    #[error("no such kind of import")]
    UnknownKind,
    #[error(transparent)]
    Table(#[from] TableFault),
    /// More than [`super::MAX_FILE_BYTES`].
    #[error("file too large")]
    FileTooLarge,
    /// No line has the headings of these columns.
    #[error("required columns are missing: {}", .0.join(", "))]
    ColumnsMissing(Vec<&'static str>),
    /// A heading, and nothing below it.
    #[error("no rows")]
    NoRows,
    /// More than [`super::MAX_ROWS`].
    #[error("too many rows")]
    TooManyRows,
    #[error(transparent)]
    Template(#[from] TemplateFault),
}
