//! What entrants hear, and what the turnstile's answer is in the words of a draw.

use chrono::{DateTime, Utc};

use super::{DrawEntry, DrawService, EntryState};
use crate::{
    kernel::id::{AccountId, DrawEntryId, VoucherId},
    outbox::OutboxEvent,
    vouchers::{batches::batch::Batch, ports::IssueOutcome},
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
        let name = &batch.name;
        let (topic, title, body, about) = match entry.state {
            EntryState::Won { voucher_id, .. } => {
                let body = format!("“{name}”抽签已中签，餐券已到账，可在“我的餐券”中查看。");
                ("voucher_issued", "抽签已中签", body, voucher_id.to_string())
            }
            EntryState::Ineligible { .. } => {
                let body = format!("抽签时您的会籍不符合“{name}”的条件，请联系所属工会核对。");
                ("draw_lost", "未参加抽签", body, entry.id.to_string())
            }
            EntryState::Entered | EntryState::Lost { .. } | EntryState::Cancelled => {
                let body = format!(
                    "“{name}”抽签未中签，请留意下一批次。抽签种子和全部名次已公布，可自行核对。"
                );
                ("draw_lost", "抽签未中签", body, entry.id.to_string())
            }
        };
        OutboxEvent::inbox(
            entry.account_id,
            topic,
            title,
            body,
            Some(about),
            now,
            self.foundation.random(),
        )
    }

    pub(super) fn told_cancelled(
        &self,
        batch: &Batch,
        entry: DrawEntryId,
        owner: AccountId,
        now: DateTime<Utc>,
    ) -> OutboxEvent {
        let body = format!("“{}”已停止发放，抽签取消，请留意下一批次。", batch.name);
        OutboxEvent::inbox(
            owner,
            "draw_cancelled",
            "抽签已取消",
            body,
            Some(entry.to_string()),
            now,
            self.foundation.random(),
        )
    }
}
