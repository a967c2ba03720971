//! Carrying draws out in rounds.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Draw, DrawEntry, DrawService, DrawState, EntryState,
    announce::{Issued, verdict},
};
use crate::{
    audit::Deed,
    kernel::{
        id::{PersonId, VoucherId},
        rounds::{Rounds, run_due},
        values::local_time,
    },
    store::{StoreError, Tx},
    vouchers::{
        VoucherError,
        batches::{
            batch::{Batch, BatchStatus},
            distribute::batch_of,
        },
        ports::IssueOutcome,
        wallet::voucher::Voucher,
    },
};

impl DrawService {
    /// One round of at most `limit` entries for each draw that is due; returns how much was done.
    pub async fn run_due(&self, limit: u64) -> Result<u64, VoucherError> {
        run_due(&self.foundation, self, limit).await
    }
}

#[async_trait]
impl Rounds for DrawService {
    type Run = Draw;
    type Error = VoucherError;

    async fn due(
        &self,
        tx: &mut dyn Tx,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Draw>, StoreError> {
        tx.draws().due(now, limit).await
    }

    async fn take(&self, tx: &mut dyn Tx, draw: &Draw) -> Result<bool, StoreError> {
        tx.draws().take_round(draw).await
    }

    async fn work(
        &self,
        tx: &mut dyn Tx,
        draw: Draw,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, VoucherError> {
        let batch = batch_of(tx, draw.batch_id).await?;
        match (batch.status(now), draw.state) {
            (BatchStatus::Running, DrawState::Drawing) => {
                self.draw_some(tx, &batch, draw, limit).await
            }
            (BatchStatus::Running, _) => Ok(Some(self.give_lots(tx, draw, limit).await?)),
            (BatchStatus::Paused, _) => Ok(None),
            _ => Ok(Some(self.cancel_some(tx, &batch, draw, limit).await?)),
        }
    }
}

impl DrawService {
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

    /// What the budget says to those who meet the conditions; `None` when it is shut.
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
        let notices = cancelled
            .iter()
            .map(|(entry, owner)| self.told_cancelled(batch, *entry, *owner, now))
            .collect();
        tx.outbox().append_all(notices).await?;
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
}
