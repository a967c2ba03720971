//! `niangjia config`

use std::process::ExitCode;

use clap::Args;
use niangjia_infra::system::SystemRandom;

use super::{Failure, terminal::say};
use crate::config::{Config, Sources, env_example, show};

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Print .env.example instead
    #[arg(long)]
    env_example: bool,
}

/// Prints what holds, even where it cannot be used; the problems follow as this command's failure.
pub(super) fn print(options: Show, sources: &Sources) -> Result<ExitCode, Failure> {
    if options.env_example {
        say(env_example().trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    say(show(sources).trim_end())?;
    Config::load(sources, &SystemRandom)?;
    Ok(ExitCode::SUCCESS)
}
