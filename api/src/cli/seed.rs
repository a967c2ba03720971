//! `niangjia seed --demo`

use std::process::ExitCode;

use clap::Args;

use super::{Failure, terminal::say};
use crate::{
    config::{Config, Profile},
    demo, migrate, wiring,
};

#[derive(Debug, Args)]
pub(super) struct Seed {
    /// Invented stations, people, a voucher batch, wishes and a health-check session. What is there already stays
    #[arg(long, required = true)]
    demo: bool,
}

pub(super) async fn run(_: Seed, config: &Config) -> Result<ExitCode, Failure> {
    if config.profile == Profile::Production {
        return Err("demo users are refused in production".into());
    }
    let store = wiring::open_store(config).await?;
    migrate::migrate(&store).await?;
    let services = wiring::assemble(config, &store, &config.http.public_url(config.http.listen)).await?;
    say(demo::seed(&services, &config.demo).await?)?;
    Ok(ExitCode::SUCCESS)
}
