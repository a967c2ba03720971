//! `niangjia serve`, and `niangjia` alone

use std::{process::ExitCode, thread::available_parallelism};

use super::{Failure, terminal::say};
use crate::{
    config::{Config, Profile},
    demo,
    http::server,
    jobs::Jobs,
    process,
    wiring::{self, Adapters, Services},
};

/// Binds first, so that a taken port is told at once and a supervisor finds somebody to talk to.
pub(super) async fn run(config: &Config) -> Result<ExitCode, Failure> {
    let listen = config.http.listen;
    let listener =
        server::bind(listen).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let public_url = config.http.public_url(listener.local_addr()?);
    let store = wiring::open_store(config).await?;
    let services = wiring::assemble(config, &store, Adapters::open(config, &public_url).await?);
    let workers = config
        .http
        .workers
        .or_else(|| available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let prepare = Box::pin(prepare(config, services.clone(), public_url));
    process::run(listener, store, services, workers, prepare).await?;
    Ok(ExitCode::SUCCESS)
}

/// What comes between the migrated database and the first request.
async fn prepare(config: &Config, services: Services, public_url: String) -> Result<Jobs, Failure> {
    if config.profile == Profile::Dev {
        let seeded = demo::seed_if_empty(&services, config).await?;
        say(format_args!(
            "Niangjia 娘家 at {public_url}, documentation at {public_url}/docs"
        ))?;
        if let Some(sign_ins) = seeded {
            say(sign_ins)?;
        }
    }
    Ok(services.start_jobs())
}
