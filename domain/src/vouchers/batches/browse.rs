//! Batches as a cadre or auditor sees them.

use chrono::{DateTime, Utc};

use super::batch::{Batch, BatchStatus};
use crate::{
    kernel::{AccessError, Actor, Page, PageRequest, id::VoucherBatchId},
    ledger::Budget,
    store::{StoreError, Tx},
    vouchers::{BatchService, VoucherError, reconciliation::conservation::BatchSums},
};

/// A batch and how far it has got, at an instant.
#[derive(Debug, Clone)]
pub struct BatchView {
    pub batch: Batch,
    pub budget: Budget,
    pub status: BatchStatus,
}

impl BatchService {
    pub async fn batch(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        let batch = tx
            .voucher_batches()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        let mut views = views(&mut *tx, vec![batch], self.foundation.now()).await?;
        Ok(views.pop().ok_or(AccessError::NotFound)?)
    }

    pub async fn batches(
        &self,
        actor: &Actor,
        status: Option<BatchStatus>,
        page: PageRequest,
    ) -> Result<Page<BatchView>, VoucherError> {
        let area = actor.require_reader()?;
        let now = self.foundation.now();
        let mut tx = self.foundation.read().await?;
        let page = tx.voucher_batches().list(&area, status, now, page).await?;
        Ok(Page {
            items: views(&mut *tx, page.items, now).await?,
            next: page.next,
        })
    }

    /// The conservation equations of one batch (V12), with both sides as the database holds them.
    pub async fn conservation(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
    ) -> Result<BatchSums, VoucherError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        tx.voucher_batches()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        Ok(tx
            .voucher_batches()
            .tally(id, self.foundation.now())
            .await?
            .ok_or(AccessError::NotFound)?)
    }
}

async fn views(
    tx: &mut dyn Tx,
    batches: Vec<Batch>,
    now: DateTime<Utc>,
) -> Result<Vec<BatchView>, VoucherError> {
    let ids: Vec<_> = batches.iter().map(|batch| batch.id.into()).collect();
    let budgets = tx.ledger().budgets(&ids).await?;
    batches
        .into_iter()
        .map(|batch| {
            let budget = budgets
                .iter()
                .find(|budget| budget.id == batch.id.into())
                .copied();
            let lost = || StoreError::Corrupt {
                table: "ledger_budgets",
                id: batch.id.to_string(),
            };
            Ok(BatchView {
                budget: budget.ok_or_else(lost)?,
                status: batch.status(now),
                batch,
            })
        })
        .collect()
}
