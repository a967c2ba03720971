//! The command line: one file per command. What a command prints goes to stdout, logs and
//! complaints to stderr.

mod admin;
mod audit;
mod config;
mod doctor;
mod flags;
mod import;
mod jobs;
mod migrate;
mod openapi;
mod reconcile;
mod seed;
mod serve;
mod terminal;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};
use niangjia_infra::system::SystemRandom;

use crate::{
    config::{Config, Sources},
    telemetry::{start_logging, start_metrics},
    wiring::{self, Adapters, Services},
};
use flags::Flags;
use terminal::complain;

/// Niangjia 娘家: the trade unions' services for workers, in one binary.
#[derive(Debug, Parser)]
#[command(name = "niangjia", version, about)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Default, Subcommand)]
enum Command {
    /// Migrate, serve and run background jobs (the default)
    #[default]
    Serve,
    /// Bring the schema up to date, or list its steps
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Fill the database with invented data
    Seed(seed::Seed),
    /// Import a table of rows, e.g. a roster; exit code 0 all taken, 1 some rows refused, 2 could not
    /// read the file
    Import(import::ImportFile),
    /// Check configuration, keys, disk, database, Redis, object store, WeChat and clock, and say
    /// how to mend each
    Doctor,
    /// Accounts of administrators
    #[command(subcommand)]
    Admin(admin::Admin),
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Background jobs
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Check that every voucher batch adds up; exit code 0 balanced, 1 differences, 2 could not
    /// look
    Reconcile(reconcile::Reconcile),
    /// Print every setting, with secrets hidden and where each value comes from
    Config(config::Show),
    /// Print the OpenAPI document of this build
    Openapi,
}

/// What ends a command early; shown with its causes.
type Failure = Box<dyn Error + Send + Sync>;

/// Runs the command of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let sources = Sources::gather(&cli.flags.into_inputs());
    match dispatch(cli.command.unwrap_or_default(), &sources) {
        Ok(code) => code,
        Err(failure) => {
            complain(&*failure);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command, sources: &Sources) -> Result<ExitCode, Failure> {
    match command {
        Command::Openapi => openapi::print(),
        Command::Config(show) => config::print(show, sources),
        Command::Reconcile(reconcile) => Ok(reconcile::run(&reconcile, sources)),
        Command::Import(import) => Ok(import::run(&import, sources)),
        Command::Doctor => block_on(doctor::run(sources)),
        Command::Serve => block_on(serve::run(&start(sources)?)),
        Command::Migrate(step) => block_on(migrate::run(step, &start(sources)?)),
        Command::Seed(seed) => block_on(seed::run(seed, &start(sources)?)),
        Command::Admin(action) => block_on(admin::run(action, &start(sources)?)),
        Command::Jobs(action) => block_on(jobs::run(action, &start(sources)?)),
        Command::Audit(action) => block_on(audit::run(action, &start(sources)?)),
    }
}

/// Loads the configuration and starts logging and counting.
fn start(sources: &Sources) -> Result<Config, Failure> {
    let config = Config::load(sources, &SystemRandom)?;
    start_logging(&config.log);
    start_metrics()?;
    Ok(config)
}

/// The services on an up-to-date schema, for a command that works beside the server.
async fn offline(config: &Config) -> Result<Services, Failure> {
    let store = wiring::open_store(config).await?;
    crate::migrate::migrate(&store).await?;
    let adapters = Adapters::open(config, &config.http.public_url(config.http.listen)).await?;
    Ok(wiring::assemble(config, &store, adapters))
}

fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
