//! Workbooks of any length: each row goes to a temporary file as it comes, and so does the finished
//! workbook. Both files have no name, and are gone when the request is.

use std::{fs::File, io::Seek};

use async_trait::async_trait;
use niangjia_domain::settlements::{
    export::table::Cell,
    ports::{FinishedWorkbook, OpenWorkbook, SheetFault, SheetWriter},
};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use tokio::io::AsyncReadExt;

const SUMMARY: &str = "汇总";
const LINES: &str = "明细";
const CHUNK_BYTES: usize = 64 * 1024;

/// Writes `.xlsx` files.
#[derive(Debug, Clone, Copy, Default)]
pub struct XlsxWriter;

#[async_trait]
impl SheetWriter for XlsxWriter {
    async fn open(
        &self,
        summary: Vec<Vec<Cell>>,
        heading: Vec<Cell>,
    ) -> Result<Box<dyn OpenWorkbook>, SheetFault> {
        let begin = move || {
            let mut workbook = Workbook::new();
            let sheet = workbook
                .add_worksheet_with_constant_memory()?
                .set_name(SUMMARY)?;
            for (at, row) in (0..).zip(&summary) {
                write_row(sheet, at, row)?;
            }
            let sheet = workbook
                .add_worksheet_with_constant_memory()?
                .set_name(LINES)?;
            write_row(sheet, 0, &heading)?;
            Ok(workbook)
        };
        Ok(Box::new(Draft {
            workbook: Some(off_the_loop(begin).await?),
            next_row: 1,
        }))
    }
}

struct Draft {
    /// Away while a thread writes to it; lost after a failure.
    workbook: Option<Workbook>,
    next_row: u32,
}

#[async_trait]
impl OpenWorkbook for Draft {
    async fn append(&mut self, rows: Vec<Vec<Cell>>) -> Result<(), SheetFault> {
        let mut workbook = self.workbook.take().ok_or_else(broken)?;
        let first = self.next_row;
        let write = move || {
            let sheet = workbook.worksheet_from_name(LINES)?;
            let mut next = first;
            for row in &rows {
                write_row(sheet, next, row)?;
                next += 1;
            }
            Ok((workbook, next))
        };
        let (workbook, next) = off_the_loop(write).await?;
        (self.workbook, self.next_row) = (Some(workbook), next);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Box<dyn FinishedWorkbook>, SheetFault> {
        let mut workbook = self.workbook.take().ok_or_else(broken)?;
        let save = move || {
            let mut file = tempfile::tempfile()?;
            workbook.save_to_writer(&mut file)?;
            file.rewind()?;
            Ok(file)
        };
        let file: File = off_the_loop(save).await?;
        Ok(Box::new(Saved(tokio::fs::File::from_std(file))))
    }
}

struct Saved(tokio::fs::File);

#[async_trait]
impl FinishedWorkbook for Saved {
    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, SheetFault> {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let read = self
            .0
            .read_buf(&mut chunk)
            .await
            .map_err(|error| SheetFault(error.to_string()))?;
        Ok((read > 0).then_some(chunk))
    }
}

fn write_row(sheet: &mut Worksheet, row: u32, cells: &[Cell]) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            Cell::Text(text) if text.is_empty() => continue,
            Cell::Text(text) => sheet.write_string(row, column, text)?,
            Cell::Whole(number) => sheet.write_number(row, column, *number as f64)?,
            Cell::Yuan(fen) => sheet.write_number_with_format(
                row,
                column,
                *fen as f64 / 100.0,
                &Format::new().set_num_format("0.00"),
            )?,
        };
    }
    Ok(())
}

fn broken() -> SheetFault {
    SheetFault("the workbook broke before".to_owned())
}

/// Runs file work where it does not keep other requests waiting.
async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, XlsxError> + Send + 'static,
) -> Result<T, SheetFault> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| SheetFault(error.to_string()))?;
    done.map_err(|error| SheetFault(error.to_string()))
}
