//! Processor time of everybody who takes part, so that a figure says where the machine went.

use std::time::Duration;

use crate::bench::{
    installation::stage::Stage,
    load::{Outcome, machine},
};

/// Processor time so far.
pub(in crate::bench) struct Spent {
    servers: Duration,
    database: Duration,
}

impl Spent {
    pub(in crate::bench) fn so_far(stage: &Stage) -> Self {
        let servers = stage
            .processes
            .iter()
            .map(|process| machine::process_cpu(process.pid()))
            .sum();
        let database = stage
            .server
            .as_ref()
            .map(|server| machine::family_cpu(server.pid()))
            .unwrap_or_default();
        Self { servers, database }
    }

    /// What one load got and what it cost. `made` is the status that counts.
    pub(in crate::bench) fn describe(&self, stage: &Stage, outcome: &Outcome, made: u16) -> String {
        let now = Self::so_far(stage);
        let millis = |share| outcome.percentile(made, share).as_secs_f64() * 1_000.0;
        let seconds = |time: Duration| time.as_secs_f64();
        format!(
            "{}; {:.0} answers/s; p50 {:.1} ms, p99 {:.1} ms; processors: servers {:.1} s, database {:.1} s, \
             client {:.1} s of 2 × {:.1} s",
            outcome.statuses(),
            outcome.answers_a_second(),
            millis(0.5),
            millis(0.99),
            seconds(now.servers.saturating_sub(self.servers)),
            seconds(now.database.saturating_sub(self.database)),
            seconds(outcome.cpu),
            seconds(outcome.wall),
        )
    }
}
