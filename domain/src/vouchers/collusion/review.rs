//! The review queue. Cadres of the station's district decide; auditors read. Whoever scanned or ate
//! it stays out.

use std::collections::HashMap;

use serde_json::json;

use super::{
    CollusionService, Suspension, SuspensionDecision, SuspensionView, ports::SuspensionQuery,
    suspension::Ruling, tell::SUSPENDED_REDEMPTION,
};
use crate::{
    audit::Deed,
    kernel::{AccessError, Actor, Page, PageRequest, distinct, id::RedemptionId, values::text},
    outbox::OutboxEvent,
    store::{StoreError, Tx},
    tasks::{Closing, TaskDecision, close, unchanged},
    vouchers::{VoucherError, news},
};

/// A reviewer's words as they were typed.
#[derive(Debug, Clone)]
pub struct SuspensionDecisionInput {
    pub decision: SuspensionDecision,
    pub reason: String,
}

impl CollusionService {
    pub async fn suspensions(
        &self,
        actor: &Actor,
        query: SuspensionQuery,
        page: PageRequest,
    ) -> Result<Page<SuspensionView>, VoucherError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        let page = tx.suspensions().list(&area, query, page).await?;
        Ok(Page {
            items: self.views(&mut *tx, page.items).await?,
            next: page.next,
        })
    }

    /// `revision` is that of the suspension which the cadre saw (R5).
    pub async fn decide(
        &self,
        actor: &Actor,
        id: RedemptionId,
        input: SuspensionDecisionInput,
        revision: i64,
    ) -> Result<SuspensionView, VoucherError> {
        let area = actor.require_cadre()?;
        let reason = text::line("reason", &input.reason, 2, 200)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let suspension = tx
            .suspensions()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        unchanged(revision, suspension.revision())?;
        let staff = tx
            .accounts()
            .person_of(suspension.redemption.staff_id)
            .await?;
        let decided = Ruling {
            decision: input.decision,
            by: actor.account_id,
            at: now,
            reason,
        };
        let seen = suspension.clone();
        let decided = suspension.decide(decided, actor.person_id, staff)?;
        let ruling = TaskDecision {
            kind: SUSPENDED_REDEMPTION,
            subject: id.to_string(),
            word: input.decision.word(),
            approves: input.decision == SuspensionDecision::Lift,
        };
        match close::decide(&mut *tx, self.foundation.random(), actor, &ruling, now).await? {
            Closing::Decided => {}
            Closing::WaitsForSecondPerson => return self.committed(tx, seen).await,
        }
        if !tx.suspensions().decide(&decided).await? {
            return Err(VoucherError::ChangedMeanwhile);
        }
        self.note_decision(&mut *tx, actor, &decided, input.decision)
            .await?;
        self.committed(tx, decided).await
    }

    async fn committed(
        &self,
        mut tx: Box<dyn Tx>,
        suspension: Suspension,
    ) -> Result<SuspensionView, VoucherError> {
        let view = self.views(&mut *tx, vec![suspension]).await?.pop();
        tx.commit().await?;
        Ok(view.ok_or(AccessError::NotFound)?)
    }

    async fn note_decision(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        suspension: &Suspension,
        decision: SuspensionDecision,
    ) -> Result<(), VoucherError> {
        let now = self.foundation.now();
        let action = match decision {
            SuspensionDecision::Lift => "redemption.suspension_lifted",
            SuspensionDecision::Reject => "redemption.rejected",
        };
        let detail = json!({ "station": suspension.redemption.station_id, "voucher": suspension.redemption.voucher_id });
        let deed = Deed::new(action, suspension.redemption.id)
            .within(suspension.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        match decision {
            SuspensionDecision::Lift => Ok(()),
            SuspensionDecision::Reject => self.tell_holder(tx, suspension).await,
        }
    }

    async fn tell_holder(
        &self,
        tx: &mut dyn Tx,
        suspension: &Suspension,
    ) -> Result<(), VoucherError> {
        let vouchers = tx
            .vouchers()
            .find_many(&[suspension.redemption.voucher_id])
            .await?;
        let Some(voucher) = vouchers.into_iter().next() else {
            return Ok(());
        };
        let event = OutboxEvent::to(voucher.account_id)
            .template(&news::REDEMPTION_REJECTED)
            .about(voucher.id)
            .at(self.foundation.now(), self.foundation.random());
        tx.outbox().append(event).await?;
        Ok(())
    }

    async fn views(
        &self,
        tx: &mut dyn Tx,
        suspensions: Vec<Suspension>,
    ) -> Result<Vec<SuspensionView>, VoucherError> {
        let now = self.foundation.now();
        let ids: Vec<_> = suspensions
            .iter()
            .map(|suspension| suspension.redemption.id)
            .collect();
        let mut notices: HashMap<_, Vec<_>> = HashMap::new();
        for (id, notice) in tx.suspensions().notices(&ids).await? {
            notices.entry(id).or_default().push(notice);
        }
        let stations = distinct(
            suspensions
                .iter()
                .map(|suspension| suspension.redemption.station_id),
        );
        let names = tx.stations().find_many(&stations).await?;
        let names: HashMap<_, _> = names
            .into_iter()
            .map(|station| (station.id, station.name))
            .collect();
        suspensions
            .into_iter()
            .map(|suspension| {
                let lost = || StoreError::Corrupt {
                    table: "redemptions",
                    id: suspension.redemption.id.to_string(),
                };
                Ok(SuspensionView {
                    station_name: names
                        .get(&suspension.redemption.station_id)
                        .cloned()
                        .ok_or_else(lost)?,
                    notices: notices
                        .remove(&suspension.redemption.id)
                        .unwrap_or_default(),
                    is_overdue: suspension.decided.is_none() && suspension.due_at <= now,
                    suspension,
                })
            })
            .collect()
    }
}
