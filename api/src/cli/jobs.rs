//! `niangjia jobs list` and `niangjia jobs run`

use std::{process::ExitCode, sync::Arc, time::Duration};

use clap::Subcommand;
use tokio::time::{sleep, timeout};

use super::{Failure, offline, terminal::say};
use crate::{
    config::Config,
    jobs::{Job, Leases, REST, Trouble, registry, run_unit, table},
    wiring::{self, Adapters, Services},
};

/// Another process leads the job.
const LED_ELSEWHERE: u8 = 2;
/// The time was over before the work was.
const WORK_IS_LEFT: u8 = 3;

#[derive(Debug, Subcommand)]
pub(super) enum Jobs {
    /// List all jobs: what each does and how often, who leads it, how it went, how long its oldest
    /// item has waited
    List,
    /// Do one job's work now, until nothing is left; exit code 0 nothing is left, 1 it failed, 2
    /// another process leads it, 3 the time was over first
    Run {
        /// As `niangjia jobs list` writes it
        name: String,
        /// The longest it may take
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        seconds: u64,
    },
}

pub(super) async fn run(command: Jobs, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Jobs::List => list(config).await,
        Jobs::Run { name, seconds } => {
            let job = registry::find(&name)
                .ok_or_else(|| format!("no job is called {name}: see `niangjia jobs list`"))?;
            run_one(job, &offline(config).await?, Duration::from_secs(seconds)).await
        }
    }
}

/// Changes nothing, not even the schema.
async fn list(config: &Config) -> Result<ExitCode, Failure> {
    let store = wiring::open_store(config).await?;
    let adapters = Adapters::open(config, &config.http.public_url(config.http.listen)).await?;
    let services = wiring::assemble(config, &store, adapters);
    say(table::of(&services).await?)?;
    Ok(ExitCode::SUCCESS)
}

async fn run_one(
    job: Job<Services>,
    services: &Services,
    patience: Duration,
) -> Result<ExitCode, Failure> {
    let leadership = services.leadership();
    let leases = Arc::new(Leases::new(leadership.clone(), vec![job.name]));
    leases.tend().await?;
    if !job.is_everybodys && !leases.leads(job.name) {
        let all = leadership.leases().await?;
        let lease = all.into_iter().find(|lease| lease.job == job.name);
        let leader = lease.and_then(|lease| lease.leader);
        let leader = leader.map_or_else(|| "another process".to_owned(), |id| id.to_string());
        let name = job.name;
        say(format_args!(
            "{name} is led by {leader}, which does it every {:?}",
            job.period
        ))?;
        return Ok(ExitCode::from(LED_ELSEWHERE));
    }
    let kept = leases.clone();
    let keeper = tokio::spawn(async move { kept.keep().await });
    let mut done = Done::default();
    let ended = timeout(patience, done.work(job, services, &leases)).await;
    keeper.abort();
    leases.step_down().await?;
    done.tell(job.name, ended.is_ok())
}

/// What was done.
#[derive(Default)]
struct Done {
    items: u64,
    units: u64,
    failure: Option<String>,
}

impl Done {
    /// Unit after unit, until one finds nothing to do or fails. It rests as the server's own jobs
    /// do.
    async fn work(&mut self, job: Job<Services>, services: &Services, leases: &Leases) {
        loop {
            let ran = run_unit(job.name, (job.unit)(services.clone())).await;
            Trouble::default().note(job.name, &ran.result);
            leases.count(job.name, &ran.result);
            self.units += 1;
            let may_be_more = ran.found_work();
            match ran.result {
                Ok(items) => self.items += items,
                Err(cause) => self.failure = Some(cause),
            }
            if !may_be_more {
                return;
            }
            sleep(ran.took * REST).await;
        }
    }

    fn tell(self, job: &str, nothing_is_left: bool) -> Result<ExitCode, Failure> {
        let Self { items, units, .. } = self;
        say(format_args!("{job}: {items} done in {units} unit(s)"))?;
        if let Some(cause) = self.failure {
            say(format_args!("{job} failed: {cause}"))?;
            return Ok(ExitCode::FAILURE);
        }
        if !nothing_is_left {
            say(format_args!(
                "{job}: the time is over; there may be more to do"
            ))?;
            return Ok(ExitCode::from(WORK_IS_LEFT));
        }
        Ok(ExitCode::SUCCESS)
    }
}
