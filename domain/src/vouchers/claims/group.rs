//! One transaction for many claims, of one batch or several. Every step asks the database once for
//! all of them; a claim that fails a step is refused and takes no part in the next.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    claim::ClaimRequest,
    notice::welcome,
    outcome::{Batches, Claim, Told, Waiting, answers},
    sold_out::SoldOutBatches,
    steps::{check_batches, issue, keep, leave_out, overtaken, recognise, replay, wanted},
};
use crate::{
    audit::Deed,
    kernel::{
        Foundation, GroupWork,
        group_commit::replay::until_kept,
        id::{VoucherBatchId, VoucherId},
    },
    store::{StoreError, Tx},
    vouchers::{
        VoucherError,
        batches::{locked::LockedBatches, public::PublicBatches},
        wallet::voucher::Voucher,
    },
};

pub(crate) struct ClaimWork {
    pub foundation: Foundation,
    pub public: Arc<PublicBatches>,
    pub sold_out_batches: Arc<SoldOutBatches>,
    pub locked: Arc<LockedBatches>,
}

#[async_trait]
impl GroupWork for ClaimWork {
    type Request = ClaimRequest;
    type Answer = Told;

    async fn carry(&self, requests: &[ClaimRequest]) -> Result<Vec<Told>, StoreError> {
        let mut left_out = self
            .locked
            .known(&*self.foundation.store, self.foundation.now())
            .await?;
        loop {
            let told = until_kept(|| self.attempt(requests, &left_out)).await;
            match told {
                Err(StoreError::Locked { row: Some(row), .. })
                    if self.locked.meet(row, &mut left_out, self.foundation.now()) => {}
                told => return told,
            }
        }
    }
}

impl ClaimWork {
    /// `None`: somebody else answered one of the keys since it was looked up, and nothing was
    /// committed.
    async fn attempt(
        &self,
        requests: &[ClaimRequest],
        left_out: &HashSet<VoucherBatchId>,
    ) -> Result<Option<Vec<Told>>, StoreError> {
        let now = self.foundation.now();
        let mut claims: Vec<_> = requests.iter().map(Claim::of).collect();
        let mut tx = self.foundation.begin().await?;
        recognise(&mut *tx, &mut claims, now).await?;
        replay(&mut *tx, &mut claims).await?;
        let batches = self.public.load(&mut *tx, wanted(&claims), now).await?;
        check_batches(&mut claims, &batches, now);
        leave_out(&mut claims, left_out);
        let waiting = self.judge(&mut *tx, &mut claims, &batches, now).await?;
        let waited: Vec<_> = waiting.values().flatten().map(|(n, _)| *n).collect();
        let empty = issue(&mut *tx, &mut claims, waiting, &batches, now).await?;
        if overtaken(&mut *tx, waited.iter().map(|n| &claims[*n])).await? {
            return Ok(None);
        }
        let sold_out = self
            .sold_out_batches
            .look_closer(&mut *tx, empty, now)
            .await?;
        if claims.iter().any(|claim| claim.issued().is_some()) {
            self.note(&mut *tx, &claims, &batches, now).await?;
            if !keep(&mut *tx, &claims, now).await? {
                return Ok(None);
            }
            tx.commit().await?;
        }
        self.sold_out_batches.remember(sold_out, now);
        Ok(Some(answers(claims, &batches)?))
    }

    /// Whose standing meets the batch's rules gets a voucher to be issued, if there is one left.
    async fn judge(
        &self,
        tx: &mut dyn Tx,
        claims: &mut [Claim<'_>],
        batches: &Batches,
        now: DateTime<Utc>,
    ) -> Result<Waiting, StoreError> {
        let persons: Vec<_> = claims
            .iter()
            .filter(|claim| claim.is_open())
            .filter_map(Claim::person)
            .collect();
        let standings = tx.memberships().standings_of(&persons).await?;
        let standings: HashMap<_, _> = standings
            .into_iter()
            .map(|standing| (standing.person_id, standing))
            .collect();
        let mut waiting = Waiting::new();
        for (n, claim) in claims
            .iter_mut()
            .enumerate()
            .filter(|(_, claim)| claim.is_open())
        {
            let Some(batch) = batches
                .get(&claim.asked.batch_id)
                .map(|shelved| &shelved.batch)
            else {
                continue;
            };
            let standing = claim.person().and_then(|person| standings.get(&person));
            let missing = batch.rules.eligibility.missing(standing);
            match standing {
                Some(standing) if missing.is_empty() => {
                    let (id, account) = (
                        VoucherId::generate(now, self.foundation.random()),
                        claim.asked.bearer.account_id,
                    );
                    let voucher = Voucher::issue(id, batch, standing.person_id, account, now);
                    waiting.entry(batch.id).or_default().push((n, voucher));
                }
                _ => claim.refuse(VoucherError::StandingInsufficient(missing)),
            }
        }
        Ok(waiting)
    }

    async fn note(
        &self,
        tx: &mut dyn Tx,
        claims: &[Claim<'_>],
        batches: &Batches,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (mut entries, mut events) = (Vec::new(), Vec::new());
        for (actor, voucher) in claims.iter().filter_map(Claim::issued) {
            let Some(shelved) = batches.get(&voucher.batch_id) else {
                continue;
            };
            let deed = Deed::new("voucher.issued", voucher.id).within(shelved.batch.district);
            entries.push(deed.by(actor, now, self.foundation.random()));
            events.push(welcome(
                &shelved.batch,
                voucher,
                now,
                self.foundation.random(),
            ));
        }
        tx.audit().append_all(entries).await?;
        tx.outbox().append_all(events).await
    }
}
