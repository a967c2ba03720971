//! Claiming a voucher. Standing is read live; quota, budget and the person's numbered slots are decided by the
//! database (invariants V1, V2).

use serde::{Deserialize, Serialize};

use super::{
    VoucherError, VoucherService,
    batch::{Batch, BatchStatus},
    hold::VoucherView,
    ports::IssueOutcome,
    voucher::Voucher,
};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest, Role,
        id::{PersonId, VoucherBatchId, VoucherId},
        idempotency::{first_answer, remember},
        local_time,
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
};

/// What is kept of a claim: the voucher as issued. Its rules are frozen with the batch, so this tells the first answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ClaimReceipt {
    voucher: Voucher,
}

impl VoucherService {
    pub async fn claim(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        batch_id: VoucherBatchId,
    ) -> Result<Answer<VoucherView>, VoucherError> {
        actor.require(Role::Worker)?;
        let mut tx = self.store.begin().await?;
        let receipt = match first_answer::<ClaimReceipt, VoucherError>(&mut *tx, request, self.clock.now()).await? {
            Some(first) => {
                drop(tx);
                first
            }
            None => {
                let voucher = self.issue_to(&mut *tx, actor, batch_id).await?;
                let fresh = remember(&mut *tx, request, ClaimReceipt { voucher }).await?;
                tx.commit().await?;
                fresh
            }
        };
        let voucher = receipt.value.voucher;
        let as_issued = voucher.issued_at;
        Ok(Answer { value: self.view_at(voucher, as_issued).await?, replayed: receipt.replayed })
    }

    async fn issue_to(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        batch_id: VoucherBatchId,
    ) -> Result<Voucher, VoucherError> {
        let now = self.clock.now();
        let batch = find_public(tx, batch_id).await?;
        if batch.status(now) != BatchStatus::Running {
            return Err(VoucherError::BatchNotRunning);
        }
        let person = eligible_person(tx, actor, &batch).await?;
        let id = VoucherId::generate(now, &*self.random);
        let voucher = Voucher::issue(id, &batch, person, actor.account_id, now);
        let outcomes = tx.vouchers().issue(&batch, local_time::date_of(now), std::slice::from_ref(&voucher)).await?;
        match outcomes.first() {
            Some(IssueOutcome::Issued) => {}
            Some(IssueOutcome::Shut) => return Err(VoucherError::BatchNotRunning),
            Some(IssueOutcome::Exhausted) => return Err(VoucherError::BatchExhausted),
            Some(IssueOutcome::ExhaustedToday) => return Err(VoucherError::DailyQuotaExhausted),
            Some(IssueOutcome::PersonLimit) => return Err(VoucherError::PersonLimitReached),
            None => return Err(StoreError::Corrupt { table: "vouchers", id: id.to_string() }.into()),
        }
        let deed = Deed::new("voucher.issued", voucher.id).within(batch.district);
        tx.audit().append(deed.by(actor, now, &*self.random)).await?;
        tx.outbox().append(self.welcome(&batch, &voucher)).await?;
        Ok(voucher)
    }

    fn welcome(&self, batch: &Batch, voucher: &Voucher) -> OutboxEvent {
        let until = local_time::rfc3339(voucher.valid_to);
        let until = until.get(..16).unwrap_or_default().replace('T', " ");
        let body = format!("“{}”餐券已到账，有效期至 {until}，用餐时向驿站出示餐券码即可。", batch.name);
        let (subject, now) = (Some(voucher.id.to_string()), self.clock.now());
        OutboxEvent::inbox(voucher.account_id, "voucher_issued", "餐券领取成功", body, subject, now, &*self.random)
    }
}

/// Drafts are nobody's business: not found.
async fn find_public(tx: &mut dyn Tx, id: VoucherBatchId) -> Result<Batch, VoucherError> {
    let batch = tx.voucher_batches().find_many(&[id]).await?.into_iter().next();
    Ok(batch.filter(Batch::is_public).ok_or(AccessError::NotFound)?)
}

async fn eligible_person(tx: &mut dyn Tx, actor: &Actor, batch: &Batch) -> Result<PersonId, VoucherError> {
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
