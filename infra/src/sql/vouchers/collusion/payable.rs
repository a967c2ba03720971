//! What a habit concerns: redemptions that are still to be paid and that nobody has looked at for
//! this signal.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::RedemptionId,
    store::StoreError,
    vouchers::collusion::{Window, pair::PairHabit, price::PriceHabit},
};
use sea_orm::Value;

use crate::sql::db::{error::store_error, store::SqlTx};

/// Not noticed for this signal yet, and still to be paid.
const PAYABLE: &str = "\
SELECT r.id FROM redemptions r
WHERE r.scanned_at >= $1 AND r.scanned_at < $2 AND r.state = 'accepted' AND r.station_id = $4 AND r.staff_id = $5
  AND NOT EXISTS (SELECT 1 FROM suspension_signals g WHERE g.redemption_id = r.id AND g.signal = {signal})
  AND NOT EXISTS (
    SELECT 1 FROM suspension_signals g JOIN redemption_suspensions h ON h.redemption_id = g.redemption_id
    JOIN redemptions o ON o.id = g.redemption_id
    WHERE g.signal = {signal} AND h.decision = 'lifted' AND h.decided_at >= $3
      AND o.station_id = r.station_id AND o.staff_id = r.staff_id{same})
  AND {what} ORDER BY r.id";

impl SqlTx {
    pub(crate) async fn payable_by_pair(
        &self,
        habit: &PairHabit,
        window: Window,
        cleared_since: DateTime<Utc>,
    ) -> Result<Vec<RedemptionId>, StoreError> {
        let sql = PAYABLE
            .replace("{signal}", "'same_pair'")
            .replace("{same}", " AND o.person_id = r.person_id")
            .replace("{what}", "r.person_id = $6");
        let pair = [
            habit.station_id.uuid(),
            habit.staff_id.uuid(),
            habit.person_id.uuid(),
        ]
        .map(Value::from);
        self.payable(&sql, window, cleared_since, pair).await
    }

    pub(crate) async fn payable_by_price(
        &self,
        habit: &PriceHabit,
        window: Window,
        cleared_since: DateTime<Utc>,
    ) -> Result<Vec<RedemptionId>, StoreError> {
        let sql = PAYABLE
            .replace("{signal}", "'price_is_face_value'")
            .replace("{same}", "")
            .replace(
                "{what}",
                "r.price_typed AND r.remainder_fen = 0 AND r.copay_fen = 0",
            );
        let staff = [habit.station_id.uuid(), habit.staff_id.uuid()].map(Value::from);
        self.payable(&sql, window, cleared_since, staff).await
    }

    async fn payable(
        &self,
        sql: &str,
        window: Window,
        cleared_since: DateTime<Utc>,
        of: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<RedemptionId>, StoreError> {
        let more: Vec<_> = [cleared_since.into()].into_iter().chain(of).collect();
        // The habit names the station.
        let rows = self
            .figures(
                sql,
                Window {
                    station: None,
                    ..window
                },
                more,
            )
            .await?;
        rows.iter()
            .map(|row| {
                row.try_get("", "id")
                    .map(RedemptionId::from_uuid)
                    .map_err(store_error)
            })
            .collect()
    }
}
