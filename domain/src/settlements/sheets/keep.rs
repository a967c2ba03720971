//! How every step of a sheet is written: compare-and-set, lines that follow, audit row, notices.

use serde_json::json;

use super::{
    reach::Reach,
    settlement::Settlement,
    stage::{Signature, Stage},
};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, distinct, id::SettlementId},
    outbox::OutboxEvent,
    settlements::{SettlementError, SettlementService},
    store::Tx,
    vouchers::batches::batch::Officer,
};

impl SettlementService {
    pub(crate) fn signature(&self, actor: &Actor) -> Signature {
        Signature {
            by: Officer::of(actor),
            at: self.foundation.now(),
        }
    }

    /// One step of a sheet within the caller's reach.
    pub(crate) async fn step(
        &self,
        actor: &Actor,
        reach: Reach,
        id: SettlementId,
        deed: &'static str,
        step: impl FnOnce(Settlement) -> Result<Settlement, SettlementError> + Send,
    ) -> Result<Settlement, SettlementError> {
        let mut tx = self.foundation.begin().await?;
        let before = tx
            .settlements()
            .find(id, &reach)
            .await?
            .ok_or(AccessError::NotFound)?;
        let after = step(before.clone())?;
        self.keep(tx, actor, &before, after, deed).await
    }

    /// Writes a step and commits. A sheet that is frozen no more frees its lines.
    pub(crate) async fn keep(
        &self,
        mut tx: Box<dyn Tx>,
        actor: &Actor,
        before: &Settlement,
        after: Settlement,
        deed: &'static str,
    ) -> Result<Settlement, SettlementError> {
        if !tx.settlements().save(&after).await? {
            return Err(SettlementError::ChangedMeanwhile);
        }
        if before.sheet().is_some() && after.sheet().is_none() {
            tx.settlements().release_lines(after.id).await?;
        }
        self.note(&mut *tx, actor, before, &after, deed).await?;
        self.tell(&mut *tx, actor, &after).await?;
        tx.commit().await?;
        Ok(Settlement {
            revision: after.revision + 1,
            ..after
        })
    }

    /// Totals and hash of a sheet that is taken back stay in the trail.
    async fn note(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        before: &Settlement,
        after: &Settlement,
        deed: &'static str,
    ) -> Result<(), SettlementError> {
        let sheet = after.sheet().or(before.sheet());
        let detail = json!({
            "station": after.station_id,
            "totalFen": sheet.map(|sheet| sheet.totals.total_fen()),
            "lines": sheet.map(|sheet| sheet.totals.lines()),
            "hash": sheet.map(|sheet| sheet.hash.as_str()),
            "reason": after.objection().map(|objection| objection.reason.as_str()),
        });
        let deed = Deed::new(deed, after.id)
            .within(after.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, self.foundation.now(), self.foundation.random()))
            .await?;
        Ok(())
    }

    /// The maker hears of each step, the station's staff of those that ask for their answer or
    /// bring money.
    async fn tell(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        after: &Settlement,
    ) -> Result<(), SettlementError> {
        let (title, body, is_for_staff) = news(after);
        let mut hearers = vec![after.made_by.account_id];
        if is_for_staff {
            hearers.extend(tx.stations().staff_of(after.station_id).await?);
        }
        let period = format!("{} 至 {}", after.period.first(), after.period.last());
        for hearer in distinct(hearers)
            .into_iter()
            .filter(|hearer| *hearer != actor.account_id)
        {
            let (body, subject) = (format!("{period}：{body}"), Some(after.id.to_string()));
            let (now, random) = (self.foundation.now(), self.foundation.random());
            let event = OutboxEvent::inbox(
                hearer,
                "settlement_changed",
                title,
                body,
                subject,
                now,
                random,
            );
            tx.outbox().append(event).await?;
        }
        Ok(())
    }
}

/// Title, body, and whether the station's staff are told.
fn news(settlement: &Settlement) -> (&'static str, String, bool) {
    match &settlement.stage {
        Stage::Open { sent_back } => {
            let reason = sent_back.as_ref().map(|objection| objection.reason.clone());
            ("结算单被退回", reason.unwrap_or_default(), true)
        }
        Stage::Frozen { .. } => (
            "结算单待确认",
            "请核对明细后确认，如有异议请说明原因。".to_owned(),
            true,
        ),
        Stage::Confirmed { .. } => (
            "驿站已确认结算单",
            "请等待另一位工作人员审核。".to_owned(),
            false,
        ),
        Stage::Approved { .. } => ("结算单已通过审核", "等待付款。".to_owned(), true),
        Stage::Paid { payment, .. } => (
            "结算款已支付",
            format!("付款凭证号 {}。", payment.reference),
            true,
        ),
        Stage::Closed { .. } => ("结算单已办结", "本期结算完成。".to_owned(), false),
        Stage::Rejected { objection } => ("结算单未通过审核", objection.reason.clone(), true),
        Stage::Cancelled { objection } => ("结算单已作废", objection.reason.clone(), true),
    }
}
