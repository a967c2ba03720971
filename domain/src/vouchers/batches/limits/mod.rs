//! What changes of a running batch's numbers share (invariant V5): the caller says what it saw and
//! what it wants; the database compares.

pub(crate) mod budget;
pub(crate) mod quota;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    batch::{Batch, BatchStatus},
    browse::BatchView,
};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, Jurisdiction, id::VoucherBatchId},
    ledger::Budget,
    store::Tx,
    vouchers::{BatchService, VoucherError},
};

/// The batch, running or paused.
pub(crate) async fn adjustable(
    tx: &mut dyn Tx,
    id: VoucherBatchId,
    area: &Jurisdiction,
    now: DateTime<Utc>,
) -> Result<Batch, VoucherError> {
    let batch = tx
        .voucher_batches()
        .find_within(id, area)
        .await?
        .ok_or(AccessError::NotFound)?;
    match batch.status(now) {
        BatchStatus::Running | BatchStatus::Paused => Ok(batch),
        status => Err(VoucherError::BatchState(status)),
    }
}

/// What is in force, for the caller who saw something else or asks for too little.
pub(crate) async fn in_force(tx: &mut dyn Tx, id: VoucherBatchId) -> Result<Budget, VoucherError> {
    let budgets = tx.ledger().budgets(&[id.into()]).await?;
    Ok(budgets.into_iter().next().ok_or(AccessError::NotFound)?)
}

impl BatchService {
    /// Commits a change that the database took. Grants that stopped for want of it go on, and the
    /// gate lets claims through again.
    pub(crate) async fn adjusted(
        &self,
        mut tx: Box<dyn Tx>,
        actor: &Actor,
        batch: &Batch,
        action: &'static str,
        detail: Value,
    ) -> Result<BatchView, VoucherError> {
        tx.allotment_runs().go_on(batch.id).await?;
        let deed = Deed::new(action, batch.id)
            .within(batch.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, self.foundation.now(), self.foundation.random()))
            .await?;
        tx.commit().await?;
        self.sold_out.forget(batch.id);
        self.batch(actor, batch.id).await
    }
}
