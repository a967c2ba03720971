//! A frozen sheet as a file, line by line: CSV for machines, a workbook for people. Lines never
//! change while there is a sheet; if it is taken back meanwhile, the export breaks off rather than
//! end early.

pub mod table;

use std::sync::Arc;

use super::{
    SettlementError, SettlementService,
    ports::FinishedWorkbook,
    sheets::{freeze::STRIDE, settlement::Settlement, stage::Sheet},
};
use crate::{
    kernel::{Actor, id::SettlementId},
    store::Store,
};
use table::{COLUMNS, Cell, row};

/// A spreadsheet has 1,048,576 rows.
const MAX_ROWS: i64 = 1_000_000;

impl SettlementService {
    pub async fn csv(&self, actor: &Actor, id: SettlementId) -> Result<CsvExport, SettlementError> {
        let settlement = self.settlement(actor, id).await?;
        let sheet = settlement
            .sheet()
            .ok_or(SettlementError::NotFrozen)?
            .clone();
        let head = format!("\u{feff}{}", csv_line(&heading()));
        let lines = LineReader::new(&self.foundation.store, &settlement, &sheet);
        Ok(CsvExport {
            head: Some(head),
            lines,
            tail: Some(tail(&sheet)),
        })
    }

    pub async fn workbook(
        &self,
        actor: &Actor,
        id: SettlementId,
    ) -> Result<Box<dyn FinishedWorkbook>, SettlementError> {
        let settlement = self.settlement(actor, id).await?;
        let sheet = settlement.sheet().ok_or(SettlementError::NotFrozen)?;
        if sheet.totals.lines() > MAX_ROWS {
            return Err(SettlementError::TooLong);
        }
        let station = self
            .foundation
            .read()
            .await?
            .stations()
            .find(settlement.station_id)
            .await?;
        let station = station.map(|station| station.name).unwrap_or_default();
        let mut workbook = self
            .sheets
            .open(summary(&settlement, sheet, station), heading())
            .await?;
        let mut lines = LineReader::new(&self.foundation.store, &settlement, sheet);
        while let Some(rows) = lines.next().await? {
            workbook.append(rows).await?;
        }
        Ok(workbook.finish().await?)
    }
}

fn heading() -> Vec<Cell> {
    COLUMNS.map(Cell::text).to_vec()
}

fn summary(settlement: &Settlement, sheet: &Sheet, station: String) -> Vec<Vec<Cell>> {
    let totals = sheet.totals;
    let pair = |name: &str, value: Cell| vec![Cell::text(name), value];
    vec![
        pair("结算单", Cell::text(settlement.id.to_string())),
        pair("驿站", Cell::text(station)),
        pair("驿站编号", Cell::text(settlement.station_id.to_string())),
        pair(
            "起始日期",
            Cell::text(settlement.period.first().to_string()),
        ),
        pair("截止日期", Cell::text(settlement.period.last().to_string())),
        pair("明细行数", Cell::Whole(totals.lines())),
        pair("核销笔数", Cell::Whole(totals.redemptions)),
        pair("其中补报", Cell::Whole(totals.late)),
        pair("核销金额(分)", Cell::Whole(totals.redemptions_fen)),
        pair("调整笔数", Cell::Whole(totals.adjustments)),
        pair("调整金额(分)", Cell::Whole(totals.adjustments_fen)),
        pair("职工补差(分)", Cell::Whole(totals.copay_fen)),
        pair("应付合计(分)", Cell::Whole(totals.total_fen())),
        pair("应付合计(元)", Cell::Yuan(totals.total_fen())),
        pair("明细哈希(SHA-256)", Cell::text(sheet.hash.as_str())),
    ]
}

/// The rows below the lines: totals under their columns, and the hash.
fn tail(sheet: &Sheet) -> String {
    let mut totals = vec![Cell::Text(String::new()); COLUMNS.len()];
    for (column, cell) in [
        (0, Cell::text("合计")),
        (1, Cell::Whole(sheet.totals.lines())),
        (11, Cell::Whole(sheet.totals.total_fen())),
        (12, Cell::Whole(sheet.totals.copay_fen)),
        (14, Cell::Yuan(sheet.totals.total_fen())),
    ] {
        totals[column] = cell;
    }
    let mut hash = vec![Cell::Text(String::new()); COLUMNS.len()];
    (hash[0], hash[1]) = (Cell::text("哈希"), Cell::text(sheet.hash.as_str()));
    csv_line(&totals) + &csv_line(&hash)
}

fn csv_line(row: &[Cell]) -> String {
    let field = |cell: &Cell| {
        let text = cell.plain();
        if text.contains(['"', ',', '\r', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    row.iter().map(field).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Reads a sheet's rows, a stride at a time.
struct LineReader {
    store: Arc<dyn Store>,
    id: SettlementId,
    expected: i64,
    seen: i64,
}

impl LineReader {
    fn new(store: &Arc<dyn Store>, settlement: &Settlement, sheet: &Sheet) -> Self {
        Self {
            store: store.clone(),
            id: settlement.id,
            expected: sheet.totals.lines(),
            seen: 0,
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<Vec<Cell>>>, SettlementError> {
        if self.seen == self.expected {
            return Ok(None);
        }
        let lines = self
            .store
            .read()
            .await?
            .settlements()
            .lines(self.id, self.seen, STRIDE)
            .await?;
        let last = lines.last().ok_or(SettlementError::ChangedMeanwhile)?;
        self.seen = last.no;
        Ok(Some(lines.iter().map(row).collect()))
    }
}

/// CSV in UTF-8 with a byte order mark, in pieces.
pub struct CsvExport {
    head: Option<String>,
    lines: LineReader,
    tail: Option<String>,
}

impl CsvExport {
    pub async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, SettlementError> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head.into_bytes()));
        }
        match self.lines.next().await? {
            Some(rows) => Ok(Some(
                rows.iter()
                    .map(|row| csv_line(row))
                    .collect::<String>()
                    .into_bytes(),
            )),
            None => Ok(self.tail.take().map(String::into_bytes)),
        }
    }
}
