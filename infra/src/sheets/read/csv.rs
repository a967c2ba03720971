//! CSV in UTF-8 or GB18030, as Chinese Excel saves it; separated by commas, semicolons or tabs.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030};
use niangjia_domain::imports::{
    ports::TableFault,
    row::{CellText, RawRow},
};

use super::{MAX_COLUMNS, Parcels, Stop, text};

pub(super) fn read(file: &[u8], mut parcels: Parcels) {
    let result = lines(file, &mut parcels);
    parcels.close(result);
}

fn lines(file: &[u8], parcels: &mut Parcels) -> Result<(), Stop> {
    let table = decoded(file)?;
    if table.contains('\0') {
        return Err(TableFault::Unreadable.into());
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&table))
        .from_reader(table.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut place = Place::top_of(table.as_bytes());
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(_) => return Err(TableFault::Unreadable.into()),
        }
        let start = record.position().map_or(0, csv::Position::byte);
        parcels.push(RawRow {
            line: place.line_at(usize::try_from(start).unwrap_or(usize::MAX)),
            cells: record.iter().take(MAX_COLUMNS).map(cell).collect(),
        })?;
    }
}

/// Counts lines as an editor does. The parser's own count is of records, and leaves the second half
/// of `\r\n` to the next one.
struct Place<'a> {
    table: &'a [u8],
    counted: usize,
    line: u32,
}

impl<'a> Place<'a> {
    const fn top_of(table: &'a [u8]) -> Self {
        Self {
            table,
            counted: 0,
            line: 1,
        }
    }

    /// The line of the first character at or after `start` that ends no line.
    fn line_at(&mut self, start: usize) -> u32 {
        while let Some(&byte) = self.table.get(self.counted) {
            let next = self.table.get(self.counted + 1);
            let ends_line = byte == b'\n' || (byte == b'\r' && next != Some(&b'\n'));
            if self.counted >= start && byte != b'\n' && byte != b'\r' {
                break;
            }
            self.line += u32::from(ends_line);
            self.counted += 1;
        }
        self.line
    }
}

/// A byte order mark says what it is; otherwise what is not UTF-8 is GB18030.
fn decoded(file: &[u8]) -> Result<Cow<'_, str>, TableFault> {
    let (table, broken) = if let Some((encoding, mark)) = Encoding::for_bom(file) {
        encoding.decode_without_bom_handling(&file[mark..])
    } else if let Ok(table) = std::str::from_utf8(file) {
        (Cow::Borrowed(table), false)
    } else {
        GB18030.decode_without_bom_handling(file)
    };
    if broken {
        Err(TableFault::Encoding)
    } else {
        Ok(table)
    }
}

/// The one that the first line has most of.
fn separator(table: &str) -> u8 {
    let first = table.lines().next().unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    let found = [b'\t', b';', b','].into_iter().max_by_key(count);
    found.unwrap_or(b',')
}

/// A spreadsheet writes long numbers as `3.70811E+17`: the digits are gone.
fn cell(cell: &str) -> CellText {
    let trimmed = cell.trim();
    let shortened = trimmed.split_once("E+").is_some_and(|(digits, power)| {
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        all_digits(power) && all_digits(&digits.replacen('.', "", 1))
    });
    if shortened {
        CellText::Inexact
    } else {
        text(trimmed)
    }
}
