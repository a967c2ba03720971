//! What waits, as this process saw it last: looked at now and then, so that neither a scrape of the
//! metrics nor a supervisor's question costs the database anything.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use niangjia_domain::kernel::{Backlog, values::local_time::rfc3339};
use serde_json::{Value, json};

use super::{Outcome, registry};
use crate::wiring::Services;

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub at: DateTime<Utc>,
    pub outbox: Backlog,
    /// Events that were set aside after too many tries.
    pub dead_letters: u64,
    /// Lines of the audit trail that the chain does not hold yet.
    pub unsealed: Backlog,
}

impl Seen {
    /// For `/health/ready`. Ages are those of the moment of the look.
    pub fn details(&self) -> Value {
        json!({
            "seenAt": rfc3339(self.at),
            "outbox": {
                "waiting": self.outbox.waiting,
                "oldestSeconds": self.outbox.oldest_seconds(self.at),
                "deadLetters": self.dead_letters,
            },
            "audit": {
                "unsealed": self.unsealed.waiting,
                "oldestSeconds": self.unsealed.oldest_seconds(self.at),
            },
        })
    }
}

/// The last look of this process; `None` before the first.
#[derive(Debug, Default)]
pub struct Backlogs(Mutex<Option<Seen>>);

impl Backlogs {
    pub fn last(&self) -> Option<Seen> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, seen: Seen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }
}

/// Looks at everything that tells, once.
pub(super) async fn look(all: Services) -> Outcome {
    for job in registry::all() {
        let Some(oldest) = job.oldest else { continue };
        let oldest = Backlog {
            waiting: 0,
            oldest_at: oldest(all.clone()).await?,
        };
        metrics::gauge!("job_oldest_waiting_seconds", "job" => job.name)
            .set(oldest.oldest_seconds(all.foundation.clock.now()) as f64);
    }
    let (outbox, dead_letters) = all.dispatcher.backlog().await?;
    let unsealed = all.sealer.backlog().await?;
    metrics::gauge!("outbox_waiting").set(outbox.waiting as f64);
    metrics::gauge!("outbox_dead_letters").set(dead_letters as f64);
    metrics::gauge!("audit_unsealed").set(unsealed.waiting as f64);
    all.backlogs.keep(Seen {
        at: all.foundation.clock.now(),
        outbox,
        dead_letters,
        unsealed,
    });
    Ok(0)
}
