//! The checker's decision, the payment, the end. Cadres of the district; the checker is nobody who
//! had a hand in it.

use super::{reach::Reach, settlement::Settlement, stage::Payment};
use crate::{
    kernel::{AccessError, Actor, id::SettlementId, values::text},
    settlements::{SettlementError, SettlementService},
    vouchers::{DecisionInput, batches::batch::BatchDecision},
};

impl SettlementService {
    pub async fn decide(
        &self,
        actor: &Actor,
        id: SettlementId,
        input: DecisionInput,
    ) -> Result<Settlement, SettlementError> {
        let decision = input.checked()?;
        let deed = match decision {
            BatchDecision::Approve => "settlement.approved",
            BatchDecision::Return(_) => "settlement.returned",
            BatchDecision::Reject(_) => "settlement.rejected",
        };
        let reach = Reach::area(actor.require_cadre()?);
        let mut tx = self.foundation.begin().await?;
        let before = tx
            .settlements()
            .find(id, &reach)
            .await?
            .ok_or(AccessError::NotFound)?;
        let adjusters = tx.settlements().adjusters(id).await?;
        let after = before
            .clone()
            .decide(decision, self.signature(actor), &adjusters)?;
        self.keep(tx, actor, &before, after, deed).await
    }

    /// Notes that the money is on its way.
    pub async fn pay(
        &self,
        actor: &Actor,
        id: SettlementId,
        reference: &str,
    ) -> Result<Settlement, SettlementError> {
        let reference = text::line("reference", reference, 1, 64)?;
        let payment = Payment {
            signature: self.signature(actor),
            reference,
        };
        let reach = Reach::area(actor.require_cadre()?);
        self.step(actor, reach, id, "settlement.paid", |sheet| {
            Ok(sheet.pay(payment)?)
        })
        .await
    }

    pub async fn close(
        &self,
        actor: &Actor,
        id: SettlementId,
    ) -> Result<Settlement, SettlementError> {
        let closed = self.signature(actor);
        let reach = Reach::area(actor.require_cadre()?);
        self.step(actor, reach, id, "settlement.closed", |sheet| {
            Ok(sheet.close(closed)?)
        })
        .await
    }
}
