//! `niangjia reconcile`

use std::{fmt, process::ExitCode, sync::Arc};

use clap::Args;
use niangjia_domain::{
    kernel::{Foundation, values::local_time::rfc3339},
    vouchers::reconciliation::{Difference, ReconciliationService, Report},
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use serde_json::json;

use super::{
    Failure, block_on, start,
    terminal::{complain, say},
};
use crate::{config::Sources, wiring};

/// Neither balanced nor different: nobody could look.
const COULD_NOT_LOOK: u8 = 2;

#[derive(Debug, Args)]
pub(super) struct Reconcile {
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// Exit code 0: everything balances; 1: something differs; 2: it could not be looked at.
pub(super) fn run(reconcile: &Reconcile, sources: &Sources) -> ExitCode {
    match look(reconcile, sources) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            complain(&*failure);
            ExitCode::from(COULD_NOT_LOOK)
        }
    }
}

fn look(reconcile: &Reconcile, sources: &Sources) -> Result<bool, Failure> {
    let config = start(sources)?;
    let report = block_on(async {
        let store = Arc::new(wiring::open_store(&config).await?);
        let service = ReconciliationService {
            foundation: Foundation {
                store,
                clock: Arc::new(SystemClock),
                random: Arc::new(SystemRandom),
            },
        };
        Ok(service.check().await?)
    })?;
    match reconcile.json {
        true => say(document(&report))?,
        false => say(Table(&report))?,
    }
    Ok(report.is_balanced())
}

fn document(report: &Report) -> serde_json::Value {
    json!({
        "balanced": report.is_balanced(),
        "checkedAt": rfc3339(report.checked_at),
        "totals": report.totals,
        "found": report.found,
        "differences": report.differences,
    })
}

/// A line per equation that does not hold, then how much was looked at.
struct Table<'a>(&'a Report);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            totals,
            found,
            differences,
            ..
        } = self.0;
        let width = differences
            .iter()
            .map(|one| one.equation.len())
            .max()
            .unwrap_or_default();
        if !differences.is_empty() {
            writeln!(
                f,
                "{:33}  {:width$}  {:>15}  {:>15}  for example",
                "batch", "equation", "left", "right"
            )?;
        }
        for Difference {
            batch_id,
            equation,
            left,
            right,
            example,
        } in differences
        {
            let batch = batch_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
            let example = example.as_deref().unwrap_or_default();
            writeln!(
                f,
                "{batch:33}  {equation:width$}  {left:>15}  {right:>15}  {example}"
            )?;
        }
        writeln!(
            f,
            "{} batches: {} issued = {} live + {} redeemed + {} expired + {} deactivated + {} recalled",
            totals.batches,
            totals.issued,
            totals.live,
            totals.redeemed,
            totals.expired,
            totals.deactivated,
            totals.recalled
        )?;
        writeln!(
            f,
            "budget {} fen = {} reserved + {} spent + {} free",
            totals.budget_fen, totals.reserved_fen, totals.spent_fen, totals.free_fen
        )?;
        match found {
            0 => write!(f, "balanced"),
            _ => write!(
                f,
                "DIFFERENT: {found} equations do not hold, {} shown",
                differences.len()
            ),
        }
    }
}
