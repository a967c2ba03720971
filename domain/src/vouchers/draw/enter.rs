//! Entering a draw: one entry per natural person, before the draw's hour. Standing is read live,
//! here and at the draw.

use super::{DrawEntry, DrawService, EntryState, ports::EnterOutcome};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest, Role,
        id::{DrawEntryId, PersonId, VoucherBatchId},
        idempotency::{first_answer, remember},
    },
    store::Tx,
    vouchers::{
        VoucherError,
        batches::{
            batch::{Batch, BatchStatus},
            public::opens_later,
        },
    },
};

impl DrawService {
    pub async fn enter(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        batch_id: VoucherBatchId,
    ) -> Result<Answer<DrawEntry>, VoucherError> {
        actor.require(Role::Worker)?;
        let mut tx = self.foundation.begin().await?;
        if let Some(first) =
            first_answer::<DrawEntry, VoucherError>(&mut *tx, request, self.foundation.now())
                .await?
        {
            return Ok(first);
        }
        let entry = self.enter_with(&mut *tx, actor, batch_id).await?;
        let answer = remember(&mut *tx, request, entry).await?;
        tx.commit().await?;
        Ok(answer)
    }

    async fn enter_with(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        batch_id: VoucherBatchId,
    ) -> Result<DrawEntry, VoucherError> {
        let now = self.foundation.now();
        let batch = tx.voucher_batches().find_many(&[batch_id]).await?.pop();
        let batch = batch
            .filter(Batch::is_public)
            .ok_or(AccessError::NotFound)?;
        let Some(draws_at) = batch.rules.draw_at else {
            return Err(VoucherError::DistributedOtherwise(batch.rules.distribution));
        };
        if batch.status(now) != BatchStatus::Running {
            return Err(VoucherError::BatchNotRunning);
        }
        if let Some(early) = opens_later(&batch, now) {
            return Err(early);
        }
        if now >= draws_at {
            return Err(VoucherError::EntriesClosed);
        }
        let entry = DrawEntry {
            id: DrawEntryId::generate(now, self.foundation.random()),
            batch_id,
            person_id: eligible_person(tx, actor, &batch).await?,
            account_id: actor.account_id,
            entered_at: now,
            draws_at,
            state: EntryState::Entered,
        };
        match tx.draws().enter(&entry).await? {
            EnterOutcome::Entered => {}
            EnterOutcome::Twice => return Err(VoucherError::EnteredBefore),
            EnterOutcome::Closed => return Err(VoucherError::EntriesClosed),
        }
        let deed = Deed::new("voucher_draw.entered", entry.id).within(batch.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        Ok(entry)
    }

    /// The caller's own; somebody else's is not found.
    pub async fn my_entry(
        &self,
        actor: &Actor,
        id: DrawEntryId,
    ) -> Result<DrawEntry, VoucherError> {
        let person = actor.person_id.ok_or(AccessError::NotFound)?;
        Ok(self
            .foundation
            .read()
            .await?
            .draws()
            .entry_of(id, person)
            .await?
            .ok_or(AccessError::NotFound)?)
    }
}

async fn eligible_person(
    tx: &mut dyn Tx,
    actor: &Actor,
    batch: &Batch,
) -> Result<PersonId, VoucherError> {
    let standing = match actor.person_id {
        Some(person) => tx.memberships().standing_of(person).await?,
        None => None,
    };
    let missing = batch.rules.eligibility.missing(standing.as_ref());
    match standing {
        Some(standing) if missing.is_empty() => Ok(standing.person_id),
        _ => Err(VoucherError::StandingInsufficient(missing)),
    }
}
