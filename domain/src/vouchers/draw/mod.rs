//! Vouchers by lot: members enter until the batch's hour, then a draw decides that anybody can run
//! again. `README.md` beside this file describes it.
//!
//! Draw: `waiting → scoring → drawing → drawn`, or `cancelled` when the batch is stopped or over
//! before the end. Entry: `entered → won | lost | ineligible | cancelled`.

pub mod lots;
pub mod ports;

mod announce;
mod enter;
mod entry;
mod publish;
mod run;

use chrono::{DateTime, Utc};

use super::batches::batch::Batch;
use crate::kernel::{Foundation, Random, coded::coded, id::VoucherBatchId};
use lots::DrawSeed;

pub use entry::{DrawEntry, EntryState};
pub use publish::PublishedDraw;

/// Use cases on draws.
#[derive(Clone)]
pub struct DrawService {
    pub foundation: Foundation,
}

coded! {
    DrawState {
        /// Entries come in.
        Waiting "waiting",
        /// Entries are closed, and get their lots.
        Scoring "scoring",
        /// Vouchers are issued in the order of the lots.
        Drawing "drawing",
        Drawn "drawn",
        Cancelled "cancelled",
    }
}

/// The draw of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    pub batch_id: VoucherBatchId,
    pub draw_at: DateTime<Utc>,
    pub seed: DrawSeed,
    pub state: DrawState,
    /// Rounds of the job so far: whoever moves it does the next one.
    pub round: i64,
    pub entries: i64,
    /// Entries that have been decided in the order of the lots.
    pub ranked: i64,
    pub winners: i64,
    /// Somebody has lost: whoever comes later in the order loses too, even if money comes back
    /// meanwhile.
    pub sold_out: bool,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Draw {
    /// Of a batch that was approved just now; `None` when it is released otherwise.
    pub fn of(batch: &Batch, random: &dyn Random) -> Option<Self> {
        Some(Self {
            batch_id: batch.id,
            draw_at: batch.rules.draw_at?,
            seed: DrawSeed::generate(random),
            state: DrawState::Waiting,
            round: 0,
            entries: 0,
            ranked: 0,
            winners: 0,
            sold_out: false,
            finished_at: None,
        })
    }

    /// Told when nothing can be changed by knowing it.
    pub fn revealed_seed(&self) -> Option<&DrawSeed> {
        self.finished_at.map(|_| &self.seed)
    }
}
