//! `niangjia import <kind> FILE`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use niangjia_domain::imports::{Import, ImportState, NewImport};

use super::{
    Failure, block_on, offline, start,
    terminal::{complain, say},
};
use crate::{config::Sources, wiring::Services};

/// Neither taken nor refused: the file could not be read, or the database not be asked.
const COULD_NOT_READ: u8 = 2;

#[derive(Debug, Args)]
pub(super) struct ImportFile {
    /// What the rows are: roster
    kind: String,
    /// .xlsx, or CSV in UTF-8 or GB18030
    file: PathBuf,
    /// Check everything, take nothing
    #[arg(long)]
    dry_run: bool,
}

/// Exit code 0: every row was taken; 1: some were refused, the others taken; 2: the file could not
/// be read.
pub(super) fn run(import: &ImportFile, sources: &Sources) -> ExitCode {
    match take(import, sources) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            complain(&*failure);
            ExitCode::from(COULD_NOT_READ)
        }
    }
}

fn take(wanted: &ImportFile, sources: &Sources) -> Result<bool, Failure> {
    let path = &wanted.file;
    let file =
        std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = NewImport {
        kind: wanted.kind.clone(),
        dry_run: wanted.dry_run,
        file_name: file_name.into_owned(),
        file,
    };
    let config = start(sources)?;
    block_on(async {
        let services = offline(&config).await?;
        let import = carry_out(&services, new).await?;
        report(&services, &import).await?;
        match import.state {
            ImportState::Failed { .. } => Err("the file cannot be read any more".into()),
            _ => Ok(import.tally.refused == 0),
        }
    })
}

/// To its end; a server beside this process may take part.
async fn carry_out(services: &Services, new: NewImport) -> Result<Import, Failure> {
    let mut import = services.imports.receive_from("command line", new).await?;
    let (mut told, step) = (0, (import.rows_total / 10).max(1_000));
    while import.is_open() {
        import = services.imports.carry_on(import.id).await?;
        if import.tally.read >= told + step {
            told = import.tally.read;
            say(format_args!("{told} of {} rows", import.rows_total))?;
        }
    }
    Ok(import)
}

async fn report(services: &Services, import: &Import) -> Result<(), Failure> {
    for error in services.imports.errors(import.id).await? {
        say(format_args!(
            "line {}, {}: {} ({})",
            error.line, error.column, error.detail, error.code
        ))?;
    }
    let tally = import.tally;
    say(format_args!(
        "{}{} rows: {} added, {} updated, {} unchanged, {} refused",
        if import.dry_run { "dry run of " } else { "" },
        tally.read,
        tally.added,
        tally.updated,
        tally.unchanged,
        tally.refused
    ))?;
    Ok(())
}
