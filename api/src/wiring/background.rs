//! Starts the jobs of this process.

use std::sync::Arc;

use niangjia_domain::{
    jobs::Leadership,
    kernel::id::ProcessId,
    vouchers::reconciliation::{Difference, Report},
};

use super::Services;
use crate::jobs::{Jobs, Leases, registry};

impl Services {
    /// All of them, each while this process leads it.
    pub fn start_jobs(&self) -> Jobs {
        let leadership = self.leadership();
        tracing::info!(process = %leadership.process, "background jobs start");
        let led = registry::all().filter(|job| !job.is_everybodys);
        let leases = Leases::new(leadership, led.map(|job| job.name).collect());
        Jobs::start(registry::all(), self, Arc::new(leases))
    }

    /// A name of its own for each call.
    pub fn leadership(&self) -> Leadership {
        Leadership {
            store: self.foundation.store.clone(),
            clock: self.foundation.clock.clone(),
            process: ProcessId::generate(self.foundation.clock.now(), &*self.foundation.random),
        }
    }
}

/// A difference is for people: it is logged as an error and stands in the metrics until a night
/// without any.
pub(crate) fn announce(report: &Report) {
    metrics::gauge!("reconciliation_differences").set(report.found as f64);
    for Difference {
        batch_id,
        equation,
        left,
        right,
        example,
    } in &report.differences
    {
        let batch = batch_id.map(|id| id.to_string());
        tracing::error!(batch, equation, left, right, example, "the books differ");
    }
    tracing::info!(
        batches = report.totals.batches,
        differences = report.found,
        "nightly reconciliation"
    );
}
