//! Opening a sheet for a station and a period, and calling it off. A cadre of the station's
//! district does it.

use chrono::NaiveDate;
use serde_json::json;

use super::{
    period::Period,
    reach::Reach,
    settlement::Settlement,
    stage::{Objection, Stage},
};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Invalid,
        id::{SettlementId, StationId},
        values::text,
    },
    settlements::{SettlementError, SettlementService},
    vouchers::batches::batch::Officer,
};

/// A sheet as it is asked for. Both days are included.
#[derive(Debug, Clone, Copy)]
pub struct NewSettlement {
    pub station_id: StationId,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl SettlementService {
    /// Periods of one station do not overlap, except with void sheets.
    pub async fn open(
        &self,
        actor: &Actor,
        new: NewSettlement,
    ) -> Result<Settlement, SettlementError> {
        let area = actor.require_cadre()?;
        let period = Period::new(new.from, new.to)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let unknown =
            || Invalid::field("stationId", "station_unknown", "没有找到该驿站，请重新选择");
        let station = tx
            .stations()
            .find(new.station_id)
            .await?
            .ok_or_else(unknown)?;
        if !area.covers_district(station.district) {
            return Err(AccessError::Forbidden.into());
        }
        let settlement = Settlement {
            id: SettlementId::generate(now, self.foundation.random()),
            station_id: station.id,
            district: station.district,
            period,
            made_by: Officer::of(actor),
            created_at: now,
            stage: Stage::Open { sent_back: None },
            revision: 0,
        };
        if !tx.settlements().add(&settlement).await? {
            return Err(SettlementError::PeriodTaken);
        }
        let detail = json!({ "station": station.id, "from": period.first(), "to": period.last() });
        let deed = Deed::new("settlement.opened", settlement.id)
            .within(station.district)
            .with(detail);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(settlement)
    }

    /// Calls off a sheet that the merchant has not confirmed: its days and lines are free again.
    pub async fn cancel(
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
        let reach = Reach::area(actor.require_cadre()?);
        self.step(actor, reach, id, "settlement.cancelled", |sheet| {
            Ok(sheet.cancel(objection)?)
        })
        .await
    }
}
