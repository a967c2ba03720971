//! One server process from its first request to an orderly end: it answers at once, is ready when
//! the schema is, turns unready when asked to stop, finishes what is in flight and returns.

use std::{error::Error, io, net::TcpListener, time::Duration};

use niangjia_domain::store::StoreError;
use niangjia_infra::sql::SqlStore;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinError,
};

use crate::{
    http::{
        readiness::{Phase, Readiness},
        server,
    },
    jobs::Jobs,
    migrate::migrate,
    telemetry::tend_metrics,
    wiring::Services,
};

/// How long load balancers get to notice that this process is leaving. With the server's own time
/// for requests in flight it stays below the 30 seconds after which supervisors kill.
const NOTICE: Duration = Duration::from_secs(2);

/// Why a process ended that nobody asked to end.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("the schema cannot be brought up to date")]
    Migration(#[source] StoreError),
    #[error("the database cannot be prepared")]
    Preparation(#[source] Box<dyn Error + Send + Sync>),
    #[error("the server failed")]
    Server(#[from] io::Error),
    #[error("the server's task failed")]
    Task(#[from] JoinError),
}

/// Serves until SIGTERM or SIGINT. `prepare` runs on the migrated database before the first request
/// is let in, and starts the background jobs, which have two seconds to finish what they are
/// at.
pub async fn run(
    listener: TcpListener,
    store: SqlStore,
    services: Services,
    workers: usize,
    prepare: impl Future<Output = Result<Jobs, Box<dyn Error + Send + Sync>>>,
) -> Result<(), ProcessError> {
    let (readiness, background) = (services.readiness.clone(), services.background.clone());
    let mut stop = StopSignals::listen()?;
    let server = server::serve(listener, services, workers)?;
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    let mut jobs = None;
    let outcome = tokio::select! {
        ended = &mut serving => return Ok(ended??),
        patient = stop.received() => Ok(patient),
        Err(error) = live(&store, prepare, &readiness, &mut jobs) => Err(error),
    };
    readiness.enter(Phase::Draining);
    // Jobs end at once, so that another process goes on with them while this one still answers.
    let jobs = tokio::spawn(async move {
        if let Some(jobs) = jobs {
            jobs.stop().await;
        }
    });
    if let Ok(true) = outcome {
        tokio::time::sleep(NOTICE).await;
    }
    handle.stop(true).await;
    serving.await??;
    // Callers who gave up may have left work that is still under way.
    background.finish().await;
    jobs.await?;
    outcome.map(|_| tracing::info!("stopped"))
}

/// From migration to readiness, and then on and on.
async fn live(
    store: &SqlStore,
    prepare: impl Future<Output = Result<Jobs, Box<dyn Error + Send + Sync>>>,
    readiness: &Readiness,
    jobs: &mut Option<Jobs>,
) -> Result<(), ProcessError> {
    migrate(store).await.map_err(ProcessError::Migration)?;
    *jobs = Some(prepare.await.map_err(ProcessError::Preparation)?);
    readiness.enter(Phase::Ready);
    tracing::info!("ready");
    tend_metrics().await
}

struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Whether load balancers should be given notice: a supervisor sends SIGTERM, a person at a
    /// terminal SIGINT.
    async fn received(&mut self) -> bool {
        tokio::select! {
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => false,
        }
    }
}
