//! Freezing: from here on the sheet's lines, their totals and their hash stay as they are.
//!
//! The redemption's own row decides: only an accepted one that is not held becomes settled, so an
//! annulment, a hold and two freezes that meet on it have one winner. What comes later goes into
//! the next sheet.
//!
//! Before it takes anything, what looks like collusion is held (V15), in transactions of its own:
//! it stays held also when nothing is left to freeze.

use super::{
    reach::Reach,
    settlement::{Settlement, Sheet},
};
use crate::{
    kernel::{AccessError, Actor, id::SettlementId},
    settlements::{SettlementError, SettlementService, export::table::LinesHash},
    store::Tx,
    vouchers::scans::redemption::ANNULMENT_WINDOW,
};

/// Lines that are in memory at once.
pub(crate) const STRIDE: u64 = 2_000;

impl SettlementService {
    /// After the period is over and none of its redemptions can be annulled any more.
    pub async fn freeze(
        &self,
        actor: &Actor,
        id: SettlementId,
    ) -> Result<Settlement, SettlementError> {
        let reach = Reach::area(actor.require_cadre()?);
        // Taken before looking, so that whatever is old enough to be frozen at this moment has been
        // looked at.
        let signature = self.signature(actor);
        self.hold_suspicious(id, &reach).await?;
        let mut tx = self.foundation.begin_long().await?;
        let open = tx
            .settlements()
            .find(id, &reach)
            .await?
            .ok_or(AccessError::NotFound)?;
        open.require_open()?;
        if !tx.settlements().hold_still(&open).await? {
            return Err(SettlementError::ChangedMeanwhile);
        }
        self.check_ready(&mut *tx, &open).await?;
        let totals = tx
            .settlements()
            .take_lines(&open, signature.at - ANNULMENT_WINDOW)
            .await?;
        if totals.lines() == 0 {
            return Err(SettlementError::NothingToSettle);
        }
        if !tx.settlements().overspent(id).await?.is_empty() {
            return Err(SettlementError::Overspent);
        }
        let sheet = Sheet {
            frozen: signature,
            totals,
            hash: hash_of(&mut *tx, id).await?,
        };
        let frozen = open.clone().freeze(sheet)?;
        self.keep(tx, actor, &open, frozen, "settlement.frozen")
            .await
    }

    async fn hold_suspicious(
        &self,
        id: SettlementId,
        reach: &Reach,
    ) -> Result<(), SettlementError> {
        let mut tx = self.foundation.read().await?;
        let open = tx
            .settlements()
            .find(id, reach)
            .await?
            .ok_or(AccessError::NotFound)?;
        open.require_open()?;
        self.check_ready(&mut *tx, &open).await?;
        drop(tx);
        self.collusion
            .watch_station(open.station_id, open.period.last())
            .await?;
        Ok(())
    }

    async fn check_ready(&self, tx: &mut dyn Tx, open: &Settlement) -> Result<(), SettlementError> {
        let now = self.foundation.now();
        if now < open.period.end() {
            return Err(SettlementError::PeriodNotOver {
                last_day: open.period.last(),
            });
        }
        let owing = tx
            .station_devices()
            .unsynced(open.station_id, open.period.last())
            .await?;
        if !owing.is_empty() {
            return Err(SettlementError::Unsynced(owing));
        }
        let undecided = tx.settlements().undecided_scans(open).await?;
        if !undecided.is_empty() {
            return Err(SettlementError::Disputed(undecided));
        }
        match tx.settlements().youngest_payable(open).await? {
            Some(accepted_at) if accepted_at + ANNULMENT_WINDOW >= now => {
                Err(SettlementError::AnnulmentOpen {
                    until: accepted_at + ANNULMENT_WINDOW,
                })
            }
            _ => Ok(()),
        }
    }
}

async fn hash_of(tx: &mut dyn Tx, id: SettlementId) -> Result<String, SettlementError> {
    let (mut hash, mut seen) = (LinesHash::default(), 0);
    loop {
        let lines = tx.settlements().lines(id, seen, STRIDE).await?;
        lines.iter().for_each(|line| hash.add(line));
        match lines.last() {
            Some(line) => seen = line.no,
            None => return Ok(hash.finish()),
        }
    }
}
