//! A place in a file: what was read before, and the rows that come next.

use std::{collections::VecDeque, sync::Arc};

use super::{
    ImportError,
    kind::ImportKind,
    layout::{HEADING_LINES, Layout},
    ports::{TableReader, TableRows},
    row::{RawRow, Row},
};
use crate::kernel::id::ImportId;

/// Rows of one kind, below the headings, without blank lines and the template's example.
pub(super) struct RowStream {
    kind: &'static ImportKind,
    layout: Layout,
    /// Fetched, and not yet delivered.
    fetched: VecDeque<RawRow>,
    rest: Box<dyn TableRows>,
}

/// A stream that belongs to an import and has delivered `read` rows.
pub(super) struct Cursor {
    pub(super) import: ImportId,
    pub(super) read: u64,
    pub(super) rows: RowStream,
}

impl RowStream {
    /// Finds the headings among the first lines.
    pub(super) async fn open(
        tables: &dyn TableReader,
        kind: &'static ImportKind,
        file: Arc<Vec<u8>>,
    ) -> Result<Self, ImportError> {
        let mut rest = tables.open(file).await?;
        let mut fetched = VecDeque::new();
        let mut fewest_missing: Option<Vec<&'static str>> = None;
        for _ in 0..HEADING_LINES {
            let Some(line) = next_line(&mut fetched, &mut *rest).await? else {
                break;
            };
            match Layout::read(kind, &line) {
                Ok(layout) => {
                    return Ok(Self {
                        kind,
                        layout,
                        fetched,
                        rest,
                    });
                }
                Err(missing) => {
                    let fewest = fewest_missing.as_ref().map_or(usize::MAX, Vec::len);
                    if missing.len() < fewest {
                        fewest_missing = Some(missing);
                    }
                }
            }
        }
        Err(fewest_missing.map_or(ImportError::NoRows, ImportError::ColumnsMissing))
    }

    /// At most `limit` of the next rows; fewer only at the end.
    pub(super) async fn next(&mut self, limit: usize) -> Result<Vec<Row>, ImportError> {
        let mut rows = Vec::new();
        while rows.len() < limit {
            let Some(line) = next_line(&mut self.fetched, &mut *self.rest).await? else {
                break;
            };
            let row = self.layout.row(self.kind, &line);
            if !row.is_example() {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Passes over rows that were delivered before.
    pub(super) async fn skip(&mut self, mut rows: u64) -> Result<(), ImportError> {
        while rows > 0 {
            let step = usize::try_from(rows).unwrap_or(usize::MAX).min(1_000);
            let passed = self.next(step).await?.len();
            if passed == 0 {
                return Ok(());
            }
            rows -= passed as u64;
        }
        Ok(())
    }

    /// Rows to the end, or `None` for more than `most`.
    pub(super) async fn count(mut self, most: u64) -> Result<Option<u64>, ImportError> {
        let mut count = 0;
        loop {
            let rows = self.next(1_000).await?.len() as u64;
            count += rows;
            if count > most {
                return Ok(None);
            }
            if rows == 0 {
                return Ok(Some(count));
            }
        }
    }
}

/// The next line that says something.
async fn next_line(
    fetched: &mut VecDeque<RawRow>,
    rest: &mut dyn TableRows,
) -> Result<Option<RawRow>, ImportError> {
    loop {
        while let Some(line) = fetched.pop_front() {
            if !line.is_blank() {
                return Ok(Some(line));
            }
        }
        let more = rest.next().await?;
        if more.is_empty() {
            return Ok(None);
        }
        fetched.extend(more);
    }
}
