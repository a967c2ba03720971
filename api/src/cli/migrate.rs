//! `niangjia migrate up` and `niangjia migrate status`

use std::process::ExitCode;

use clap::Subcommand;
use niangjia_infra::sql;

use super::{Failure, terminal::say};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply the pending steps; waits while another process does
    Up,
    /// List the steps; exit code 1 when some are pending
    Status,
}

pub(super) async fn run(command: Migrate, config: &Config) -> Result<ExitCode, Failure> {
    let (write, read) = sql::connect(&config.database.settings()).await?;
    match command {
        Migrate::Up => {
            let applied = sql::migrate(&write).await?;
            for step in &applied {
                say(format_args!("applied  {step}"))?;
            }
            say(format_args!(
                "{} step(s) applied, the schema is up to date",
                applied.len()
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Migrate::Status => {
            let steps = sql::steps(&read).await?;
            for step in &steps {
                say(format_args!(
                    "{}  {}",
                    if step.applied { "applied" } else { "pending" },
                    step.name
                ))?;
            }
            let done = steps.iter().all(|step| step.applied);
            Ok(if done {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}
