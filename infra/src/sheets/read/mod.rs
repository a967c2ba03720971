//! Tables that offices hand in, line by line. A thread of its own reads ahead a little and waits
//! for whoever takes the lines; it ends when they are taken or nobody wants them any more. What
//! breaks inside a parser is an unreadable file, never a broken process.

mod csv;
#[cfg(test)]
mod tests;
mod unpacked;
mod workbook;

use std::{sync::Arc, thread};

use async_trait::async_trait;
use niangjia_domain::imports::{
    ports::{TableFault, TableReader, TableRows},
    row::{CellText, RawRow},
};
use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    mpsc::{self, Receiver, Sender},
};

/// Files that are open at the same time in this process: each is in memory.
const AT_ONCE: usize = 4;
/// Lines that travel together.
const PARCEL: usize = 200;
/// Columns that are looked at.
const MAX_COLUMNS: usize = 64;
/// Characters of a cell that are looked at: more than any cell may have.
const MAX_CELL: usize = 500;

const XLSX: &[u8] = b"PK\x03\x04";
/// Workbooks before 2007, and new ones with a password.
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0";

/// Reads `.xlsx` and CSV files.
#[derive(Clone)]
pub struct TableFiles {
    open: Arc<Semaphore>,
}

impl Default for TableFiles {
    fn default() -> Self {
        Self {
            open: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

#[async_trait]
impl TableReader for TableFiles {
    async fn open(&self, file: Arc<Vec<u8>>) -> Result<Box<dyn TableRows>, TableFault> {
        if file.starts_with(COMPOUND_FILE) {
            return Err(TableFault::OldOrLocked);
        }
        let permit = self.open.clone().acquire_owned().await;
        let permit = permit.map_err(|_| TableFault::Unreadable)?;
        let (sender, lines) = mpsc::channel(2);
        let reader = thread::Builder::new().name("table".to_owned());
        let read = move || {
            let parcels = Parcels::new(sender);
            if file.starts_with(XLSX) {
                workbook::read(&file, parcels);
            } else {
                csv::read(&file, parcels);
            }
        };
        let started = reader.spawn(read);
        started.map_err(|_| TableFault::Unreadable)?;
        Ok(Box::new(Lines {
            lines,
            over: false,
            _permit: permit,
        }))
    }
}

/// Lines on their way out of the thread.
enum Parcel {
    Lines(Vec<RawRow>),
    Broken(TableFault),
    End,
}

struct Lines {
    lines: Receiver<Parcel>,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

#[async_trait]
impl TableRows for Lines {
    async fn next(&mut self) -> Result<Vec<RawRow>, TableFault> {
        if self.over {
            return Ok(Vec::new());
        }
        match self.lines.recv().await {
            Some(Parcel::Lines(lines)) => Ok(lines),
            Some(Parcel::End) => {
                self.over = true;
                Ok(Vec::new())
            }
            Some(Parcel::Broken(fault)) => Err(fault),
            // The thread ended without saying so: the parser panicked.
            None => Err(TableFault::Unreadable),
        }
    }
}

/// Nobody takes the lines any more.
struct Unwanted;

/// Why reading ended early.
enum Stop {
    Unwanted,
    Broken(TableFault),
}

impl From<Unwanted> for Stop {
    fn from(_: Unwanted) -> Self {
        Self::Unwanted
    }
}

impl From<TableFault> for Stop {
    fn from(fault: TableFault) -> Self {
        Self::Broken(fault)
    }
}

/// Gathers lines and sends them off.
struct Parcels {
    gathered: Vec<RawRow>,
    sender: Sender<Parcel>,
}

impl Parcels {
    const fn new(sender: Sender<Parcel>) -> Self {
        Self {
            gathered: Vec::new(),
            sender,
        }
    }

    fn push(&mut self, line: RawRow) -> Result<(), Unwanted> {
        self.gathered.push(line);
        if self.gathered.len() < PARCEL {
            return Ok(());
        }
        self.send_off()
    }

    fn send_off(&mut self) -> Result<(), Unwanted> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.gathered);
        let sent = self.sender.blocking_send(Parcel::Lines(lines));
        sent.map_err(|_| Unwanted)
    }

    /// Tells how it ended.
    fn close(mut self, result: Result<(), Stop>) {
        let last = match result {
            Ok(()) if self.send_off().is_ok() => Parcel::End,
            Err(Stop::Broken(fault)) => Parcel::Broken(fault),
            Ok(()) | Err(Stop::Unwanted) => return,
        };
        // Nobody is there to be told.
        let _ = self.sender.blocking_send(last);
    }
}

/// What is looked at of a cell.
fn text(cell: &str) -> CellText {
    match cell.char_indices().nth(MAX_CELL) {
        Some((end, _)) => CellText::Text(cell[..end].to_owned()),
        None => CellText::Text(cell.to_owned()),
    }
}
