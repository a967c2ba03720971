//! The merchant's answer to a frozen sheet. Any staff of the station may give it.

use super::{reach::Reach, settlement::Settlement, stage::Objection};
use crate::{
    kernel::{Actor, id::SettlementId, values::text},
    settlements::{SettlementError, SettlementService},
};

impl SettlementService {
    /// `hash` is the one of the sheet that was looked at, where the caller says so.
    pub async fn confirm(
        &self,
        actor: &Actor,
        id: SettlementId,
        hash: Option<&str>,
    ) -> Result<Settlement, SettlementError> {
        let confirmed = self.signature(actor);
        let reach = Reach::stations(actor.require_staff()?);
        self.step(actor, reach, id, "settlement.confirmed", |frozen| {
            let present = frozen.sheet().map(|sheet| sheet.hash.as_str());
            if hash.is_some_and(|seen| present.is_some_and(|present| present != seen)) {
                return Err(SettlementError::OtherSheet);
            }
            Ok(frozen.confirm(confirmed)?)
        })
        .await
    }

    /// The sheet is open again and its lines are free: what is missing is uploaded or decided, then
    /// it is frozen anew.
    pub async fn dispute(
        &self,
        actor: &Actor,
        id: SettlementId,
        reason: &str,
    ) -> Result<Settlement, SettlementError> {
        let reason = text::line("reason", reason, 2, 200)?;
        let objection = Objection {
            signature: self.signature(actor),
            reason,
        };
        let reach = Reach::stations(actor.require_staff()?);
        self.step(actor, reach, id, "settlement.disputed", |frozen| {
            Ok(frozen.dispute(objection)?)
        })
        .await
    }
}
