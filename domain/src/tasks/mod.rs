//! What a person must decide by a due time (invariant T1): one engine for every review. It knows no
//! wish, voucher or membership: a context declares a kind, opens a task in the transaction of what
//! it is about, and closes it in the transaction of the decision.
//!
//! Due times count working days by a holiday calendar that is data. Those who may decide are
//! reminded before the due time; once it has passed the area above hears of it. Queue, bulk and the
//! object's own route are doors to the same use case of the object's context.

pub mod calendar;
pub mod close;
pub mod error;
pub mod hearers;
pub mod kind;
pub mod news;
pub mod open;
pub mod ports;
pub mod task;

mod assign;
mod bulk;
mod escalate;
mod queue;
mod remind;

use std::sync::Arc;

pub use assign::Assignment;
pub use bulk::{BulkResult, MAX_AT_ONCE};
pub use calendar::{Calendar, CalendarDay, DayKind};
pub use close::{Closing, TaskDecision, unchanged};
pub use error::TaskError;
pub use kind::TaskKind;
pub use open::NewTask;
pub use ports::TaskDecider;
pub use queue::{KindCount, Queue, QueueItem};
pub use task::{Task, TaskPlace, TaskState};

use crate::kernel::Foundation;

/// Use cases over all tasks, whatever they are about.
#[derive(Clone)]
pub struct TaskService {
    pub foundation: Foundation,
    /// One for each kind.
    pub deciders: Vec<Arc<dyn TaskDecider>>,
}

impl TaskService {
    /// What the contexts have people decide.
    pub fn kinds(&self) -> impl Iterator<Item = TaskKind> {
        self.deciders.iter().map(|decider| decider.kind())
    }

    /// The kind of this code, if any context has it.
    pub fn kind(&self, code: &str) -> Option<TaskKind> {
        self.kinds().find(|kind| kind.code == code)
    }

    fn decider(&self, code: &str) -> Option<&Arc<dyn TaskDecider>> {
        self.deciders
            .iter()
            .find(|decider| decider.kind().code == code)
    }

    /// What people call it; one that this release does not know is still something to do.
    fn label(&self, code: &str) -> &'static str {
        self.kind(code).map_or("待办", |kind| kind.label)
    }
}
