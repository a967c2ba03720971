//! How every step of a sheet is written: compare-and-set, lines that follow, audit row, notices.

use serde_json::json;

use super::{reach::Reach, settlement::Settlement, stage::Signature};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, distinct, id::SettlementId},
    outbox::OutboxEvent,
    settlements::{SettlementError, SettlementService, news},
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
        let mut hearers = vec![after.made_by.account_id];
        if news::is_for_staff(&after.stage) {
            hearers.extend(tx.stations().staff_of(after.station_id).await?);
        }
        for hearer in distinct(hearers)
            .into_iter()
            .filter(|hearer| *hearer != actor.account_id)
        {
            let news = news::of_stage(OutboxEvent::to(hearer), after);
            let event = news.at(self.foundation.now(), self.foundation.random());
            tx.outbox().append(event).await?;
        }
        Ok(())
    }
}
