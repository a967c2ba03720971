//! `.xlsx`: the first visible sheet, cell by cell. Formulas count as the value they had last;
//! merged cells have theirs in the first one.

use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use niangjia_domain::imports::{
    ports::TableFault,
    row::{CellText, RawRow},
};

use super::{MAX_COLUMNS, Parcels, Stop, text, unpacked};

/// A spreadsheet keeps fifteen digits of a number.
const EXACT_BELOW: f64 = 1e15;

pub(super) fn read(file: &[u8], mut parcels: Parcels) {
    let result = lines(file, &mut parcels);
    parcels.close(result);
}

fn lines(file: &[u8], parcels: &mut Parcels) -> Result<(), Stop> {
    unpacked::check(file)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(unreadable)?;
    let sheet = workbook
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let name = sheet.ok_or(TableFault::Unreadable)?.name.clone();
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut line = RawRow {
        line: 0,
        cells: Vec::new(),
    };
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        if row + 1 != line.line {
            let next = RawRow {
                line: row + 1,
                cells: Vec::new(),
            };
            let before = std::mem::replace(&mut line, next);
            if before.line > 0 {
                parcels.push(before)?;
            }
        }
        put(&mut line.cells, column as usize, value(cell.get_value()));
    }
    if line.line > 0 {
        parcels.push(line)?;
    }
    Ok(())
}

fn put(cells: &mut Vec<CellText>, column: usize, value: CellText) {
    if column >= MAX_COLUMNS {
        return;
    }
    if cells.len() <= column {
        cells.resize(column + 1, CellText::Text(String::new()));
    }
    cells[column] = value;
}

fn value(cell: &DataRef<'_>) -> CellText {
    match cell {
        DataRef::String(text_of) => text(text_of),
        DataRef::SharedString(text_of) => text(text_of),
        DataRef::Int(number) => CellText::Text(number.to_string()),
        DataRef::Float(number) => written_out(*number),
        DataRef::Bool(yes) => CellText::Text(yes.to_string()),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
            CellText::Text(match (hour, minute) {
                (0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"),
            })
        }
        DataRef::DateTimeIso(at) | DataRef::DurationIso(at) => text(at),
        DataRef::Error(error) => CellText::Text(error.to_string()),
        DataRef::Empty => CellText::Text(String::new()),
    }
}

/// A phone number that the spreadsheet took for a number is whole; an ID number is not.
fn written_out(number: f64) -> CellText {
    if number.abs() >= EXACT_BELOW {
        CellText::Inexact
    } else {
        CellText::Text(number.to_string())
    }
}

fn unreadable<E>(_: E) -> TableFault {
    TableFault::Unreadable
}
