//! Ordering a recall. Everybody's vouchers are recalled only when the batch issues no more; one
//! person's at any time.

use serde_json::json;

use super::{Recall, RecallService};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Page, PageRequest,
        id::{PersonId, VoucherBatchId, VoucherRecallId},
        values::text,
    },
    vouchers::{VoucherError, batches::batch::BatchStatus},
};

/// How many are recalled before the order is answered.
const AT_ONCE: u64 = 100;

/// Whose vouchers are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    Person(PersonId),
    Everybody,
}

impl Whom {
    /// Whether a batch in this state lets them be recalled.
    fn allowed(self, status: BatchStatus) -> bool {
        match (self, status) {
            (_, BatchStatus::Stopped) => true,
            (Self::Person(_), BatchStatus::Running | BatchStatus::Paused) => true,
            // Vouchers of an ended batch are void by themselves.
            _ => false,
        }
    }

    const fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(id) => Some(id),
            Self::Everybody => None,
        }
    }
}

impl RecallService {
    pub async fn order(
        &self,
        actor: &Actor,
        batch_id: VoucherBatchId,
        whom: Whom,
        reason: &str,
    ) -> Result<Recall, VoucherError> {
        let area = actor.require_cadre()?;
        let reason = text::line("reason", reason, 2, 100)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let batch = tx
            .voucher_batches()
            .find_within(batch_id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        let status = batch.status(now);
        if !whom.allowed(status) {
            return Err(VoucherError::RecallRefused(status));
        }
        let recall = Recall {
            id: VoucherRecallId::generate(now, self.foundation.random()),
            batch_id,
            person_id: whom.person(),
            reason,
            ordered_by: actor.account_id,
            ordered_at: now,
            recalled: 0,
            finished_at: None,
        };
        tx.voucher_recalls().add(&recall).await?;
        let deed = Deed::new("voucher_recall.ordered", recall.id).within(batch.district);
        let deed = deed.with(json!({ "batch": batch_id, "person": recall.person_id }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        let recalled = self
            .take_back(&mut *tx, &recall, batch.district, AT_ONCE)
            .await?;
        tx.commit().await?;
        Ok(Recall {
            recalled: i64::try_from(recalled).unwrap_or(i64::MAX),
            ..recall
        })
    }

    /// Recalls of a batch and how far they have got, newest first.
    pub async fn recalls(
        &self,
        actor: &Actor,
        batch_id: VoucherBatchId,
        page: PageRequest,
    ) -> Result<Page<Recall>, VoucherError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        tx.voucher_batches()
            .find_within(batch_id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        Ok(tx.voucher_recalls().list(batch_id, page).await?)
    }
}
