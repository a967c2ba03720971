//! Carrying draws out, a bounded transaction at a time. The draw's row is moved first: one process
//! has a round, and a round that dies is done again from the beginning.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Draw, DrawEntry, DrawService, DrawState, EntryState};
use crate::{
    audit::Deed,
    kernel::{
        id::{AccountId, DrawEntryId, PersonId, VoucherId},
        values::local_time,
    },
    outbox::OutboxEvent,
    store::Tx,
    vouchers::{
        VoucherError,
        batches::{
            batch::{Batch, BatchStatus},
            distribute::batch_of,
        },
        news,
        ports::IssueOutcome,
        wallet::voucher::Voucher,
    },
};

/// How many draws are looked at in one round.
const DRAWS: u64 = 20;

/// The voucher made for somebody, and what became of it.
type Issued = (VoucherId, IssueOutcome);

impl DrawService {
    /// One round of at most `limit` entries for each draw that is due; returns how much was done,
    /// so that a caller can go on until there is nothing.
    pub async fn run_due(&self, limit: u64) -> Result<u64, VoucherError> {
        let mut done = 0;
        for draw in self
            .foundation
            .read()
            .await?
            .draws()
            .due(self.foundation.now(), DRAWS)
            .await?
        {
            done += self.round(draw, limit).await?;
        }
        Ok(done)
    }

    async fn round(&self, draw: Draw, limit: u64) -> Result<u64, VoucherError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if !tx.draws().take_round(&draw).await? {
            return Ok(0);
        }
        let batch = batch_of(&mut *tx, draw.batch_id).await?;
        let done = match (batch.status(now), draw.state) {
            (BatchStatus::Running, DrawState::Drawing) => {
                self.draw_some(&mut *tx, &batch, draw, limit).await?
            }
            (BatchStatus::Running, _) => Some(self.give_lots(&mut *tx, draw, limit).await?),
            (BatchStatus::Paused, _) => None,
            _ => Some(self.cancel_some(&mut *tx, &batch, draw, limit).await?),
        };
        match done {
            Some(done) => {
                tx.commit().await?;
                Ok(done)
            }
            None => Ok(0),
        }
    }

    async fn give_lots(
        &self,
        tx: &mut dyn Tx,
        draw: Draw,
        limit: u64,
    ) -> Result<u64, VoucherError> {
        let entries = tx.draws().without_lot(draw.batch_id, limit).await?;
        let lots: Vec<_> = entries
            .into_iter()
            .map(|entry| (entry, draw.seed.lot(entry)))
            .collect();
        tx.draws().give_lots(&lots).await?;
        let state = if lots.is_empty() {
            DrawState::Drawing
        } else {
            DrawState::Scoring
        };
        tx.draws().save(&Draw { state, ..draw }).await?;
        Ok(lots.len().max(1) as u64)
    }

    /// `None`: the batch was paused or stopped at this very moment, so nothing of this round holds.
    async fn draw_some(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
        draw: Draw,
        limit: u64,
    ) -> Result<Option<u64>, VoucherError> {
        let now = self.foundation.now();
        let mut entries = tx.draws().next_in_order(draw.batch_id, limit).await?;
        if entries.is_empty() {
            return Ok(Some(
                self.finish(tx, batch, draw, DrawState::Drawn, now).await?,
            ));
        }
        let Some(issued) = self.issue(tx, batch, &draw, &entries).await? else {
            return Ok(None);
        };
        let mut draw = draw;
        for entry in &mut entries {
            draw.ranked += 1;
            entry.state = match draw.sold_out {
                true => EntryState::Lost { rank: draw.ranked },
                false => verdict(issued.get(&entry.person_id).copied(), draw.ranked),
            };
            draw.sold_out |= matches!(entry.state, EntryState::Lost { .. });
            draw.winners += i64::from(entry.state.voucher_id().is_some());
        }
        let notices = entries
            .iter()
            .map(|entry| self.told(batch, entry, now))
            .collect();
        tx.outbox().append_all(notices).await?;
        tx.draws().decide(&entries).await?;
        tx.draws().save(&draw).await?;
        let deed = Deed::new("voucher_draw.advanced", draw.batch_id).within(batch.district);
        let deed = deed.with(json!({ "ranked": draw.ranked, "winners": draw.winners }));
        tx.audit()
            .append(deed.by_system("job:voucher_draws", now, self.foundation.random()))
            .await?;
        Ok(Some(entries.len() as u64))
    }

    /// What the turnstile says to those who meet the conditions; `None` when it is shut.
    async fn issue(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
        draw: &Draw,
        entries: &[DrawEntry],
    ) -> Result<Option<HashMap<PersonId, Issued>>, VoucherError> {
        if draw.sold_out {
            return Ok(Some(HashMap::new()));
        }
        let now = self.foundation.now();
        let vouchers = self.eligible(tx, batch, entries, now).await?;
        let outcomes = tx
            .vouchers()
            .issue(batch, local_time::date_of(now), &vouchers)
            .await?;
        if outcomes.contains(&IssueOutcome::Shut) {
            return Ok(None);
        }
        let of_person =
            |(voucher, outcome): (&Voucher, _)| (voucher.person_id, (voucher.id, outcome));
        Ok(Some(vouchers.iter().zip(outcomes).map(of_person).collect()))
    }

    /// A voucher for each entry whose owner meets the conditions now, in the same order.
    async fn eligible(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
        entries: &[DrawEntry],
        now: DateTime<Utc>,
    ) -> Result<Vec<Voucher>, VoucherError> {
        let persons: Vec<_> = entries.iter().map(|entry| entry.person_id).collect();
        let standings = tx.memberships().standings_of(&persons).await?;
        let standings: HashMap<_, _> = standings
            .into_iter()
            .map(|standing| (standing.person_id, standing))
            .collect();
        let meets = |entry: &&DrawEntry| {
            batch
                .rules
                .eligibility
                .missing(standings.get(&entry.person_id))
                .is_empty()
        };
        let voucher = |entry: &DrawEntry| {
            let id = VoucherId::generate(now, self.foundation.random());
            Voucher::issue(id, batch, entry.person_id, entry.account_id, now)
        };
        Ok(entries.iter().filter(meets).map(voucher).collect())
    }

    async fn cancel_some(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
        draw: Draw,
        limit: u64,
    ) -> Result<u64, VoucherError> {
        let now = self.foundation.now();
        let cancelled = tx.draws().cancel(draw.batch_id, limit).await?;
        if cancelled.is_empty() {
            return self
                .finish(tx, batch, draw, DrawState::Cancelled, now)
                .await;
        }
        let told = |(entry, owner): &(DrawEntryId, AccountId)| {
            OutboxEvent::to(*owner)
                .template(&news::DRAW_CANCELLED)
                .with("batch", &batch.name)
                .about(entry)
                .at(now, self.foundation.random())
        };
        tx.outbox()
            .append_all(cancelled.iter().map(told).collect())
            .await?;
        Ok(cancelled.len() as u64)
    }

    async fn finish(
        &self,
        tx: &mut dyn Tx,
        batch: &Batch,
        draw: Draw,
        state: DrawState,
        now: DateTime<Utc>,
    ) -> Result<u64, VoucherError> {
        let deed = Deed::new("voucher_draw.finished", draw.batch_id).within(batch.district);
        let deed = deed.with(
            json!({ "state": state.code(), "entries": draw.entries, "winners": draw.winners }),
        );
        tx.audit()
            .append(deed.by_system("job:voucher_draws", now, self.foundation.random()))
            .await?;
        tx.draws()
            .save(&Draw {
                state,
                finished_at: Some(now),
                ..draw
            })
            .await?;
        Ok(1)
    }

    fn told(&self, batch: &Batch, entry: &DrawEntry, now: DateTime<Utc>) -> OutboxEvent {
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
}

/// What the turnstile says, in the words of a draw.
fn verdict(issued: Option<Issued>, rank: i64) -> EntryState {
    match issued {
        Some((voucher_id, IssueOutcome::Issued)) => EntryState::Won { rank, voucher_id },
        None | Some((_, IssueOutcome::PersonLimit)) => EntryState::Ineligible { rank },
        Some((_, IssueOutcome::Exhausted | IssueOutcome::ExhaustedToday | IssueOutcome::Shut)) => {
            EntryState::Lost { rank }
        }
    }
}
