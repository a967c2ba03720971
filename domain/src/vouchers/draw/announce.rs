//! What entrants hear, and what the budget's answer is in the words of a draw.

use chrono::{DateTime, Utc};

use super::{DrawEntry, DrawService, EntryState};
use crate::{
    kernel::id::{AccountId, DrawEntryId, VoucherId},
    outbox::OutboxEvent,
    vouchers::{batches::batch::Batch, news, ports::IssueOutcome},
};

/// The voucher made for somebody, and what became of it.
pub(super) type Issued = (VoucherId, IssueOutcome);

pub(super) fn verdict(issued: Option<Issued>, rank: i64) -> EntryState {
    match issued {
        Some((voucher_id, IssueOutcome::Issued)) => EntryState::Won { rank, voucher_id },
        None | Some((_, IssueOutcome::PersonLimit)) => EntryState::Ineligible { rank },
        Some((_, IssueOutcome::Exhausted | IssueOutcome::ExhaustedToday | IssueOutcome::Shut)) => {
            EntryState::Lost { rank }
        }
    }
}

impl DrawService {
    pub(super) fn told(&self, batch: &Batch, entry: &DrawEntry, now: DateTime<Utc>) -> OutboxEvent {
        let to = OutboxEvent::to(entry.account_id);
        let news = match entry.state {
            EntryState::Won { voucher_id, .. } => to.template(&news::DRAW_WON).about(voucher_id),
            EntryState::Ineligible { .. } => to.template(&news::DRAW_INELIGIBLE).about(entry.id),
            EntryState::Entered | EntryState::Lost { .. } | EntryState::Cancelled => {
                to.template(&news::DRAW_LOST).about(entry.id)
            }
        };
        news.with("batch", &batch.name)
            .at(now, self.foundation.random())
    }

    pub(super) fn told_cancelled(
        &self,
        batch: &Batch,
        entry: DrawEntryId,
        owner: AccountId,
        now: DateTime<Utc>,
    ) -> OutboxEvent {
        OutboxEvent::to(owner)
            .template(&news::DRAW_CANCELLED)
            .with("batch", &batch.name)
            .about(entry)
            .at(now, self.foundation.random())
    }
}
