//! `niangjia doctor`

use std::process::ExitCode;

use niangjia_infra::system::SystemRandom;

use super::{Failure, terminal::say};
use crate::{
    config::{Config, Sources},
    doctor::{Finding, Health, examine},
    wiring::Adapters,
};

/// Prints a line per finding; exit code 1 when something fails.
pub(super) async fn run(sources: &Sources) -> Result<ExitCode, Failure> {
    let findings = match Config::load(sources, &SystemRandom) {
        Ok(config) => {
            let adapters =
                Adapters::open(&config, &config.http.public_url(config.http.listen)).await?;
            examine(&config, sources, &adapters).await
        }
        Err(error) => error.0.iter().map(Finding::of_problem).collect(),
    };
    for finding in &findings {
        say(finding)?;
    }
    let failed = findings
        .iter()
        .any(|finding| finding.health == Health::Fail);
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
