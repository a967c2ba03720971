//! Submission by the maker, the decision of another person, and the switches of a running batch.

use super::{
    batch::{Batch, BatchDecision, BatchState, Officer, Switch},
    browse::BatchView,
    draft::check_world,
};
use crate::{
    kernel::{AccessError, Actor, Invalid, id::VoucherBatchId, values::text},
    outbox::OutboxEvent,
    store::Tx,
    vouchers::{BatchService, VoucherError, news},
};

/// A checker's words as they were typed.
#[derive(Debug, Clone)]
pub enum DecisionInput {
    Approve,
    Return { reason: Option<String> },
    Reject { reason: Option<String> },
}

impl DecisionInput {
    pub(crate) fn checked(self) -> Result<BatchDecision, Invalid> {
        let said = |reason: Option<String>| {
            text::paragraphs("reason", &reason.unwrap_or_default(), 2, 200)
        };
        Ok(match self {
            Self::Approve => BatchDecision::Approve,
            Self::Return { reason } => BatchDecision::Return(said(reason)?),
            Self::Reject { reason } => BatchDecision::Reject(said(reason)?),
        })
    }
}

impl BatchService {
    pub async fn submit(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
    ) -> Result<BatchView, VoucherError> {
        let now = self.foundation.now();
        self.check_again(actor, id).await?;
        let change = |batch: Batch| {
            if batch.rules.valid_to <= now {
                return Err(Invalid::field(
                    "validTo",
                    "period_over",
                    "批次的有效期已过，请修改后再提交",
                )
                .into());
            }
            Ok(batch.submit(Officer::of(actor), now)?)
        };
        self.transition(actor, id, "voucher_batch.submitted", change)
            .await
    }

    /// The world may have changed since the draft was written.
    async fn check_again(&self, actor: &Actor, id: VoucherBatchId) -> Result<(), VoucherError> {
        let area = actor.require_cadre()?;
        let mut tx = self.foundation.read().await?;
        let batch = tx
            .voucher_batches()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        check_world(&mut *tx, &batch.rules, batch.district).await
    }

    pub async fn decide(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        input: DecisionInput,
    ) -> Result<BatchView, VoucherError> {
        let decision = input.checked()?;
        let action = match decision {
            BatchDecision::Approve => "voucher_batch.approved",
            BatchDecision::Return(_) => "voucher_batch.returned",
            BatchDecision::Reject(_) => "voucher_batch.rejected",
        };
        let now = self.foundation.now();
        let change = |batch: Batch| Ok(batch.decide(Officer::of(actor), decision, now)?);
        self.transition(actor, id, action, change).await
    }

    pub async fn switch(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        switch: Switch,
    ) -> Result<BatchView, VoucherError> {
        let action = match switch {
            Switch::Pause => "voucher_batch.paused",
            Switch::Resume => "voucher_batch.resumed",
            Switch::Stop => "voucher_batch.stopped",
        };
        let now = self.foundation.now();
        self.transition(actor, id, action, |batch| Ok(batch.switch(switch, now)?))
            .await
    }

    async fn transition(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        action: &'static str,
        change: impl FnOnce(Batch) -> Result<Batch, VoucherError> + Send,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        let mut tx = self.foundation.begin().await?;
        let before = tx
            .voucher_batches()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        let after = change(before.clone())?;
        if !tx.voucher_batches().save(&before, &after).await? {
            return Err(VoucherError::ChangedMeanwhile);
        }
        if matches!(
            (&before.state, &after.state),
            (BatchState::Submitted { .. }, BatchState::Running { .. })
        ) {
            self.open_distribution(&mut *tx, &after).await?;
        }
        self.note(&mut *tx, actor, &after, action).await?;
        self.tell_maker(&mut *tx, actor, &after).await?;
        tx.commit().await?;
        self.batch(actor, id).await
    }

    /// Whoever drafted the batch hears what others did with it.
    async fn tell_maker(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        batch: &Batch,
    ) -> Result<(), VoucherError> {
        let maker = batch.drafted_by.account_id;
        if maker == actor.account_id {
            return Ok(());
        }
        let news = news::of_batch(OutboxEvent::to(maker), batch);
        let event = news.at(self.foundation.now(), self.foundation.random());
        tx.outbox().append(event).await?;
        Ok(())
    }
}
