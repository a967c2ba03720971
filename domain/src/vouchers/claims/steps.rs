//! The steps of a group of claims, in their order. Each asks the database once for all of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{
    claim::ClaimReceipt,
    outcome::{Batches, Claim, Fate, Waiting},
};
use crate::{
    kernel::{
        AccessError, Role,
        group_commit::replay::{Replay, replays},
        id::VoucherBatchId,
        idempotency::{Reservation, answer_of, kept_form},
        values::local_time,
    },
    store::{StoreError, Tx},
    vouchers::{
        VoucherError,
        batches::{locked::locked_elsewhere, public::opens_later, rules::Distribution},
        ports::IssueOutcome,
    },
};

/// Whose session has ended, or who is no worker, goes no further.
pub(crate) async fn recognise(
    tx: &mut dyn Tx,
    claims: &mut [Claim<'_>],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let bearers: Vec<_> = claims.iter().map(|claim| &claim.asked.bearer).collect();
    let actors = tx.sessions().actors(&bearers, now).await?;
    for (claim, actor) in claims.iter_mut().zip(actors) {
        match actor {
            None => claim.refuse(AccessError::SignedOut),
            Some(actor) => match actor.require(Role::Worker) {
                Ok(()) => claim.actor = Some(actor),
                Err(error) => claim.refuse(error),
            },
        }
    }
    Ok(())
}

/// Who asks again gets the first answer, be it of long ago or of this very group.
pub(crate) async fn replay(tx: &mut dyn Tx, claims: &mut [Claim<'_>]) -> Result<(), StoreError> {
    let open = claims
        .iter()
        .enumerate()
        .filter(|(_, claim)| claim.is_open());
    let requests: Vec<_> = open.map(|(n, claim)| (n, &claim.asked.request)).collect();
    for (n, replayed) in replays(tx, &requests).await? {
        claims[n].fate = match replayed {
            Replay::Fresh => Fate::Open,
            Replay::TwinOf(first) => Fate::TwinOf(first),
            Replay::Refused(error) => Fate::Refused(error.into()),
            Replay::Answered(json) => {
                Fate::Again(answer_of::<ClaimReceipt>(&claims[n].asked.request, json)?.voucher)
            }
        };
    }
    Ok(())
}

/// Batches of those who may still get, or see again, a voucher.
pub(crate) fn wanted(claims: &[Claim<'_>]) -> BTreeSet<VoucherBatchId> {
    let wanted = claims
        .iter()
        .filter(|claim| matches!(claim.fate, Fate::Open | Fate::Again(_)));
    wanted.map(|claim| claim.asked.batch_id).collect()
}

/// Whether a batch is paused or stopped is for its budget to say.
pub(crate) fn check_batches(claims: &mut [Claim<'_>], batches: &Batches, now: DateTime<Utc>) {
    for claim in claims.iter_mut().filter(|claim| claim.is_open()) {
        match batches.get(&claim.asked.batch_id) {
            // Drafts are nobody's business.
            None => claim.refuse(AccessError::NotFound),
            Some(shelved) if now >= shelved.batch.rules.valid_to => {
                claim.refuse(VoucherError::BatchNotRunning)
            }
            Some(shelved) if shelved.batch.rules.distribution != Distribution::FirstCome => {
                claim.refuse(VoucherError::DistributedOtherwise(
                    shelved.batch.rules.distribution,
                ));
            }
            Some(shelved) => {
                if let Some(early) = opens_later(&shelved.batch, now) {
                    claim.refuse(early);
                }
            }
        }
    }
}

/// Whose batch is held elsewhere comes back in a moment; the others need not wait for it.
pub(crate) fn leave_out(claims: &mut [Claim<'_>], locked: &HashSet<VoucherBatchId>) {
    for claim in claims.iter_mut().filter(|claim| claim.is_open()) {
        if locked.contains(&claim.asked.batch_id) {
            claim.refuse(locked_elsewhere(claim.asked.batch_id));
        }
    }
}

/// Batch by batch, in one order everywhere, so that two groups never wait for each other's counters
/// in a ring. Returns the batches that had nothing left for somebody.
pub(crate) async fn issue(
    tx: &mut dyn Tx,
    claims: &mut [Claim<'_>],
    waiting: Waiting,
    batches: &Batches,
    now: DateTime<Utc>,
) -> Result<HashMap<VoucherBatchId, IssueOutcome>, StoreError> {
    let mut empty = HashMap::new();
    for (batch_id, waiting) in waiting {
        let Some(shelved) = batches.get(&batch_id) else {
            continue;
        };
        let (places, vouchers): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        let outcomes = tx
            .vouchers()
            .issue(&shelved.batch, local_time::date_of(now), &vouchers)
            .await?;
        let left = |outcome: &&IssueOutcome| {
            matches!(
                outcome,
                IssueOutcome::Exhausted | IssueOutcome::ExhaustedToday
            )
        };
        empty.extend(
            outcomes
                .iter()
                .find(left)
                .map(|outcome| (batch_id, *outcome)),
        );
        for ((n, voucher), outcome) in places.into_iter().zip(vouchers).zip(outcomes) {
            match outcome {
                IssueOutcome::Issued => claims[n].fate = Fate::Issued(voucher),
                IssueOutcome::Shut => claims[n].refuse(VoucherError::BatchNotRunning),
                IssueOutcome::Exhausted => claims[n].refuse(VoucherError::BatchExhausted),
                IssueOutcome::ExhaustedToday => claims[n].refuse(VoucherError::DailyQuotaExhausted),
                IssueOutcome::PersonLimit => claims[n].refuse(VoucherError::PersonLimitReached),
            }
        }
    }
    Ok(empty)
}

/// Whether somebody who came away empty-handed did so because a twin elsewhere was served since the
/// keys were looked up: then the first answer is theirs too.
pub(crate) async fn overtaken<'a>(
    tx: &mut dyn Tx,
    waited: impl Iterator<Item = &'a Claim<'a>> + Send,
) -> Result<bool, StoreError> {
    let refused: Vec<_> = waited
        .filter(|claim| claim.issued().is_none())
        .map(|claim| &claim.asked.request)
        .collect();
    let known = tx.idempotency().first_answers(&refused).await?;
    Ok(known
        .iter()
        .any(|reservation| *reservation != Reservation::Fresh))
}

pub(crate) async fn keep(
    tx: &mut dyn Tx,
    claims: &[Claim<'_>],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut answers = Vec::new();
    for claim in claims {
        if let Some((_, voucher)) = claim.issued() {
            let receipt = ClaimReceipt {
                voucher: voucher.clone(),
            };
            answers.push((
                &claim.asked.request,
                kept_form(&claim.asked.request, &receipt)?,
            ));
        }
    }
    tx.idempotency().keep(answers, now).await
}
