//! `niangjia seed --demo`

use std::process::ExitCode;

use clap::Args;

use super::{Failure, offline, terminal::say};
use crate::{
    config::{Config, Profile},
    demo,
};

#[derive(Debug, Args)]
pub(super) struct Seed {
    /// Invented stations, people, a voucher batch, wishes and a health-check session. What is there
    /// already stays
    #[arg(long, required = true)]
    demo: bool,
}

pub(super) async fn run(_: Seed, config: &Config) -> Result<ExitCode, Failure> {
    if config.profile == Profile::Production {
        return Err("demo users are refused in production".into());
    }
    let services = offline(config).await?;
    say(demo::seed(&services, config).await?)?;
    Ok(ExitCode::SUCCESS)
}
