//! How large a workbook is once it is unpacked. It is a ZIP file, and 200 KB of one can hold
//! hundreds of megabytes; what its directory says may be a lie, so the bytes are counted too.

use std::io::{self, Cursor, Read};

use niangjia_domain::imports::ports::TableFault;
use zip::{ZipArchive, read::ZipFile};

/// 100,000 rows of a roster, with styles on every cell, unpack to a third of it.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// What is kept in memory: the table of texts, styles.
const MAX_KEPT_BYTES: u64 = 48 * 1024 * 1024;
/// Parts of a workbook; an office's has a dozen.
const MAX_PARTS: usize = 1_000;
const SHEETS: &str = "xl/worksheets/";

pub(super) fn check(file: &[u8]) -> Result<(), TableFault> {
    let mut workbook = ZipArchive::new(Cursor::new(file)).map_err(|_| TableFault::Unreadable)?;
    if workbook.len() > MAX_PARTS {
        return Err(TableFault::TooLarge);
    }
    let mut declared = Room::default();
    for n in 0..workbook.len() {
        let part = workbook
            .by_index_raw(n)
            .map_err(|_| TableFault::Unreadable)?;
        declared.take(is_sheet(&part)?, part.size())?;
    }
    let mut counted = Room::default();
    for n in 0..workbook.len() {
        let part = workbook.by_index(n).map_err(|_| TableFault::Unreadable)?;
        let is_sheet = is_sheet(&part)?;
        let mut bounded = part.take(counted.left(is_sheet) + 1);
        let size = io::copy(&mut bounded, &mut io::sink()).map_err(|_| TableFault::Unreadable)?;
        counted.take(is_sheet, size)?;
    }
    Ok(())
}

fn is_sheet(part: &ZipFile<'_, Cursor<&[u8]>>) -> Result<bool, TableFault> {
    let name = part.name().map_err(|_| TableFault::Unreadable)?;
    Ok(name.starts_with(SHEETS))
}

#[derive(Default)]
struct Room {
    sheets: u64,
    kept: u64,
}

impl Room {
    const fn left(&self, is_sheet: bool) -> u64 {
        if is_sheet {
            MAX_BYTES - self.sheets
        } else {
            MAX_KEPT_BYTES - self.kept
        }
    }

    fn take(&mut self, is_sheet: bool, bytes: u64) -> Result<(), TableFault> {
        if bytes > self.left(is_sheet) {
            return Err(TableFault::TooLarge);
        }
        if is_sheet {
            self.sheets += bytes;
        } else {
            self.kept += bytes;
        }
        Ok(())
    }
}
