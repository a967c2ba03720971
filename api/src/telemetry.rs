//! Logs and figures of this process. No personal data: requests are logged by route template
//! (`observe.rs`), libraries that would log headers, URLs or statements are kept quiet, and a panic
//! is logged by its place alone.

use std::{
    io::{IsTerminal, stderr},
    panic::PanicHookInfo,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, util::SubscriberInitExt};

use crate::config::{LogConfig, LogFormat};

/// Libraries that print what passes through them once they are asked for details.
const QUIET: &str = "h2=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,sqlx=warn,sea_orm=warn,actix_http=warn,actix_server=warn";

/// Upper bounds, in seconds, around the times that matter: a scan, a page, a WeChat call, a
/// time-out.
const DURATIONS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Starts logging to stderr, so that what a command prints stays clean. The second call of a
/// process changes nothing.
pub fn start_logging(log: &LogConfig) {
    let filter = EnvFilter::new(format!("{QUIET},{}", log.level));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr);
    let _ = match log.format {
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .finish()
            .try_init(),
        LogFormat::Compact => lines.compact().with_target(false).finish().try_init(),
    };
    std::panic::set_hook(Box::new(log_panic));
}

/// The message of a panic may hold what a user sent; only one that is part of the program's text is
/// shown.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let message = panic
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("(message withheld)");
    tracing::error!(%place, message, "panic");
}

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// Starts counting. The second call of a process changes nothing.
pub fn start_metrics() -> Result<(), BuildError> {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if METRICS.get().is_none() {
        let durations = Matcher::Suffix("_seconds".to_owned());
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(durations, DURATIONS)?
            .install_recorder()?;
        let _ = METRICS.set(handle);
    }
    Ok(())
}

/// All figures in Prometheus's text form; empty before `start_metrics`.
pub fn render_metrics() -> String {
    METRICS
        .get()
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}

/// Folds samples into their buckets now and then, so that they do not pile up where nobody scrapes.
/// Never ends.
pub async fn tend_metrics<T>() -> T {
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    loop {
        tick.tick().await;
        if let Some(handle) = METRICS.get() {
            handle.run_upkeep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rendered_with_their_labels_and_buckets() {
        start_metrics().unwrap();
        start_metrics().unwrap();
        metrics::counter!("http_requests_total", "route" => "/api/v1/wishes/{id}").increment(1);
        metrics::histogram!("http_request_duration_seconds").record(0.02);
        let text = render_metrics();
        assert!(
            text.contains("http_requests_total{route=\"/api/v1/wishes/{id}\"} 1"),
            "{text}"
        );
        assert!(
            text.contains("http_request_duration_seconds_bucket{le=\"0.025\"} 1"),
            "{text}"
        );
    }
}
