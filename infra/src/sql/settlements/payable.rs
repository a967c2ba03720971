//! What a sheet takes. Each redemption's own row decides whether it is taken: accepted, not
//! suspended, too old to be annulled.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::{DisputedScanId, SettlementId},
    settlements::Settlement,
    store::StoreError,
};
use sea_orm::Value;

use crate::sql::db::{error::store_error, store::SqlTx};

/// Of a station, up to a day.
pub(crate) const PAYABLE: &str =
    "station_id = $1 AND day <= $2 AND state = 'accepted' AND NOT suspended";

impl SqlTx {
    pub(crate) async fn youngest_payable_redemption(
        &self,
        settlement: &Settlement,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = format!(
            "SELECT accepted_at FROM redemptions WHERE {PAYABLE} ORDER BY accepted_at DESC LIMIT 1"
        );
        let values = [
            settlement.station_id.uuid().into(),
            settlement.period.last().to_string().into(),
        ];
        let rows = self.rows(&sql, values).await?;
        rows.first()
            .map(|row| row.try_get("", "accepted_at").map_err(store_error))
            .transpose()
    }

    pub(crate) async fn undecided_scans_of(
        &self,
        settlement: &Settlement,
    ) -> Result<Vec<DisputedScanId>, StoreError> {
        let sql = "SELECT id FROM disputed_scans WHERE station_id = $1 AND day <= $2 AND status = 'open' LIMIT 20";
        let values = [
            settlement.station_id.uuid().into(),
            settlement.period.last().to_string().into(),
        ];
        let rows = self.rows(sql, values).await?;
        rows.iter()
            .map(|row| {
                row.try_get("", "id")
                    .map(DisputedScanId::from_uuid)
                    .map_err(store_error)
            })
            .collect()
    }

    pub(crate) async fn mark_payable(
        &self,
        settlement: &Settlement,
        accepted_before: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (id, station): (Value, Value) = (
            settlement.id.uuid().into(),
            settlement.station_id.uuid().into(),
        );
        let sql = format!(
            "UPDATE redemptions SET state = 'settled', settlement_id = $3 WHERE {PAYABLE} AND accepted_at < $4"
        );
        let last_day = settlement.period.last().to_string().into();
        self.run(
            &sql,
            [
                station.clone(),
                last_day,
                id.clone(),
                accepted_before.into(),
            ],
        )
        .await?;
        let sql = "UPDATE settlement_adjustments SET settlement_id = $2 WHERE station_id = $1 AND settlement_id IS NULL";
        self.run(sql, [station, id]).await?;
        Ok(())
    }

    pub(crate) async fn unmark(&self, id: SettlementId) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM settlement_lines WHERE settlement_id = $1",
            "UPDATE redemptions SET state = 'accepted', settlement_id = NULL WHERE settlement_id = $1",
            "UPDATE settlement_adjustments SET settlement_id = NULL WHERE settlement_id = $1",
        ] {
            self.run(sql, [id.uuid().into()]).await?;
        }
        Ok(())
    }
}
