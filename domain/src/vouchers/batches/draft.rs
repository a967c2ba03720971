//! Drafting a batch, and mending a draft. A cadre of the batch's district does it.

use super::{
    batch::{Batch, BatchState, Officer},
    browse::BatchView,
    rules::{BatchRules, NewBatch, contradictions},
};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, DistrictCode, Invalid, Jurisdiction, id::VoucherBatchId},
    store::Tx,
    vouchers::{BatchService, VoucherError},
};

impl BatchService {
    pub async fn draft(&self, actor: &Actor, new: NewBatch) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        let district = new.district;
        let (name, rules) = self.checked_rules(&area, new)?;
        let now = self.foundation.now();
        let batch = Batch {
            id: VoucherBatchId::generate(now, self.foundation.random()),
            name,
            district,
            rules,
            drafted_by: Officer::of(actor),
            created_at: now,
            state: BatchState::Draft { returned: None },
        };
        let mut tx = self.foundation.begin().await?;
        check_world(&mut *tx, &batch.rules, district).await?;
        tx.voucher_batches().add(&batch).await?;
        self.note(&mut *tx, actor, &batch, "voucher_batch.drafted")
            .await?;
        tx.commit().await?;
        self.batch(actor, batch.id).await
    }

    /// Replaces a draft's words; nothing else can be edited.
    pub async fn redraft(
        &self,
        actor: &Actor,
        id: VoucherBatchId,
        new: NewBatch,
    ) -> Result<BatchView, VoucherError> {
        let area = actor.require_cadre()?;
        let district = new.district;
        let (name, rules) = self.checked_rules(&area, new)?;
        let mut tx = self.foundation.begin().await?;
        let before = tx
            .voucher_batches()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        if before.district != district {
            return Err(Invalid::field(
                "district",
                "district_fixed",
                "批次所属区县不能更改，请新建批次",
            )
            .into());
        }
        check_world(&mut *tx, &rules, district).await?;
        let after = before.clone().redraft(name, rules, self.foundation.now())?;
        if !tx.voucher_batches().save(&before, &after).await? {
            return Err(VoucherError::ChangedMeanwhile);
        }
        self.note(&mut *tx, actor, &after, "voucher_batch.redrafted")
            .await?;
        tx.commit().await?;
        self.batch(actor, id).await
    }

    fn checked_rules(
        &self,
        area: &Jurisdiction,
        new: NewBatch,
    ) -> Result<(String, BatchRules), VoucherError> {
        if !area.covers_district(new.district) {
            return Err(AccessError::Forbidden.into());
        }
        Ok(new.checked(self.foundation.now())?)
    }

    pub(crate) async fn note(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        batch: &Batch,
        action: &'static str,
    ) -> Result<(), VoucherError> {
        let deed = Deed::new(action, batch.id).within(batch.district);
        tx.audit()
            .append(deed.by(actor, self.foundation.now(), self.foundation.random()))
            .await?;
        Ok(())
    }
}

/// The rules can be met with the stations as they are now.
pub(crate) async fn check_world(
    tx: &mut dyn Tx,
    rules: &BatchRules,
    district: DistrictCode,
) -> Result<(), VoucherError> {
    let stations = tx.stations().find_many(&rules.station_ids).await?;
    Ok(contradictions::check(rules, district, &stations)?)
}
