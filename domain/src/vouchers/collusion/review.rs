//! The review queue. Cadres of the station's district decide; auditors read. Whoever scanned or ate
//! it stays out.

use std::collections::HashMap;

use serde_json::json;

use super::{CollusionService, Hold, HoldDecision, HoldView, hold::Decided, ports::HoldQuery};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, Page, PageRequest, id::RedemptionId, values::text},
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    vouchers::VoucherError,
};

/// A reviewer's words as they were typed.
#[derive(Debug, Clone)]
pub struct HoldDecisionInput {
    pub decision: HoldDecision,
    pub reason: String,
}

impl CollusionService {
    pub async fn holds(
        &self,
        actor: &Actor,
        query: HoldQuery,
        page: PageRequest,
    ) -> Result<Page<HoldView>, VoucherError> {
        let area = actor.require_reader()?;
        let mut tx = self.store.read().await?;
        let page = tx.holds().list(&area, query, page).await?;
        Ok(Page {
            items: self.views(&mut *tx, page.items).await?,
            next: page.next,
        })
    }

    pub async fn decide(
        &self,
        actor: &Actor,
        id: RedemptionId,
        input: HoldDecisionInput,
    ) -> Result<HoldView, VoucherError> {
        let area = actor.require_cadre()?;
        let reason = text::line("reason", &input.reason, 2, 200)?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let hold = tx
            .holds()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        let staff = tx.accounts().person_of(hold.redemption.staff_id).await?;
        let decided = Decided {
            decision: input.decision,
            by: actor.account_id,
            at: now,
            reason,
        };
        let decided = hold.decide(decided, actor.person_id, staff)?;
        if !tx.holds().decide(&decided).await? {
            return Err(VoucherError::ChangedMeanwhile);
        }
        self.note_decision(&mut *tx, actor, &decided, input.decision)
            .await?;
        let view = self
            .views(&mut *tx, vec![decided])
            .await?
            .pop()
            .ok_or(AccessError::NotFound)?;
        tx.commit().await?;
        Ok(view)
    }

    async fn note_decision(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        hold: &Hold,
        decision: HoldDecision,
    ) -> Result<(), VoucherError> {
        let now = self.clock.now();
        let action = match decision {
            HoldDecision::Release => "redemption.released",
            HoldDecision::Reject => "redemption.rejected",
        };
        let detail =
            json!({ "station": hold.redemption.station_id, "voucher": hold.redemption.voucher_id });
        let deed = Deed::new(action, hold.redemption.id)
            .within(hold.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, now, &*self.random))
            .await?;
        match decision {
            HoldDecision::Release => Ok(()),
            HoldDecision::Reject => self.tell_holder(tx, hold).await,
        }
    }

    async fn tell_holder(&self, tx: &mut dyn Tx, hold: &Hold) -> Result<(), VoucherError> {
        let vouchers = tx
            .vouchers()
            .find_many(&[hold.redemption.voucher_id])
            .await?;
        let Some(voucher) = vouchers.into_iter().next() else {
            return Ok(());
        };
        let body = "该笔核销经工会复核未予认可，对应餐券已停用。如有疑问，请联系所属工会。";
        let (subject, now) = (Some(voucher.id.to_string()), self.clock.now());
        let topic = "redemption_rejected";
        let event = OutboxEvent::inbox(
            voucher.account_id,
            topic,
            "餐券核销未通过复核",
            body,
            subject,
            now,
            &*self.random,
        );
        tx.outbox().append(event).await?;
        Ok(())
    }

    async fn views(
        &self,
        tx: &mut dyn Tx,
        holds: Vec<Hold>,
    ) -> Result<Vec<HoldView>, VoucherError> {
        let now = self.clock.now();
        let ids: Vec<_> = holds.iter().map(|hold| hold.redemption.id).collect();
        let mut notices: HashMap<_, Vec<_>> = HashMap::new();
        for (id, notice) in tx.holds().notices(&ids).await? {
            notices.entry(id).or_default().push(notice);
        }
        let mut stations: Vec<_> = holds
            .iter()
            .map(|hold| hold.redemption.station_id)
            .collect();
        stations.sort_unstable();
        stations.dedup();
        let names = tx.stations().find_many(&stations).await?;
        let names: HashMap<_, _> = names
            .into_iter()
            .map(|station| (station.id, station.name))
            .collect();
        holds
            .into_iter()
            .map(|hold| {
                let lost = || StoreError::Corrupt {
                    table: "redemptions",
                    id: hold.redemption.id.to_string(),
                };
                Ok(HoldView {
                    station_name: names
                        .get(&hold.redemption.station_id)
                        .cloned()
                        .ok_or_else(lost)?,
                    notices: notices.remove(&hold.redemption.id).unwrap_or_default(),
                    is_overdue: hold.decided.is_none() && hold.due_at <= now,
                    hold,
                })
            })
            .collect()
    }
}
