//! Figures that speak for collusion: one statement per signal, over live redemptions of a window of
//! scan time.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use niangjia_domain::{
    kernel::id::{RedemptionId, StationId},
    store::StoreError,
    vouchers::collusion::{
        Window, burst::Burst, pair::PairHabit, ports::SignalRepository, price::PriceHabit,
        travel::Journey,
    },
};

use super::{
    figures::whole_seconds,
    rows::{burst, journey, pair_habit, price_habit},
};
use crate::sql::{
    db::{error::store_error, store::SqlTx},
    settlements::payable::PAYABLE,
};

/// `$1 ≤ scan < $2`, at least `$3` meals. The others are those scanned at the same station for the
/// same meals.
const PAIR_HABITS: &str = "\
WITH s AS (
  SELECT station_id, staff_id, person_id, COUNT(*) OVER (PARTITION BY station_id, person_id) AS holders_meals,
         COUNT(*) OVER (PARTITION BY station_id, day, meal) AS sitting,
         COUNT(*) OVER (PARTITION BY station_id, day, meal, staff_id) AS shift
  FROM redemptions WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled'{here}
)
SELECT station_id, staff_id, person_id, COUNT(*) AS meals, MAX(holders_meals) AS holders_meals,
       CAST(SUM(sitting - 1) AS BIGINT) AS others, CAST(SUM(shift - 1) AS BIGINT) AS others_by_staff
FROM s GROUP BY station_id, staff_id, person_id HAVING COUNT(*) >= $3";

/// A price equals the face value when nothing is left over and nothing was paid on top.
const PRICE_HABITS: &str = "\
WITH s AS (
  SELECT station_id, staff_id, amount_fen, (remainder_fen = 0 AND copay_fen = 0) AS at_face FROM redemptions
  WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled' AND price_typed{here}
), own AS (
  SELECT station_id, staff_id, COUNT(*) AS typed, COUNT(*) FILTER (WHERE at_face) AS at_face,
         COUNT(DISTINCT CASE WHEN at_face THEN amount_fen END) AS faces
  FROM s GROUP BY station_id, staff_id HAVING COUNT(*) >= $3
), place AS (
  SELECT station_id, COUNT(*) AS typed, COUNT(*) FILTER (WHERE at_face) AS at_face FROM s GROUP BY station_id
)
SELECT o.*, p.typed - o.typed AS others_typed, p.at_face - o.at_face AS others_at_face
FROM own o JOIN place p ON p.station_id = o.station_id";

#[async_trait]
impl SignalRepository for SqlTx {
    async fn payable_span(
        &mut self,
        station: StationId,
        through: NaiveDate,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError> {
        let sql = format!(
            "SELECT MIN(scanned_at) AS oldest, MAX(scanned_at) AS newest FROM redemptions WHERE {PAYABLE}"
        );
        let rows = self
            .rows(&sql, [station.uuid().into(), through.to_string().into()])
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let oldest: Option<_> = row.try_get("", "oldest").map_err(store_error)?;
        let newest: Option<_> = row.try_get("", "newest").map_err(store_error)?;
        Ok(oldest.zip(newest))
    }

    async fn pair_habits(
        &mut self,
        window: Window,
        meals: i64,
    ) -> Result<Vec<PairHabit>, StoreError> {
        let rows = self.figures(PAIR_HABITS, window, [meals.into()]).await?;
        rows.iter()
            .map(|row| pair_habit(row).map_err(store_error))
            .collect()
    }

    async fn price_habits(
        &mut self,
        window: Window,
        typed: i64,
    ) -> Result<Vec<PriceHabit>, StoreError> {
        let rows = self.figures(PRICE_HABITS, window, [typed.into()]).await?;
        rows.iter()
            .map(|row| price_habit(row).map_err(store_error))
            .collect()
    }

    /// A scan may end a run of `scans`, begin one, or stand in its middle: the shortest of the runs
    /// it is in counts.
    async fn bursts(
        &mut self,
        window: Window,
        scans: u32,
        within: TimeDelta,
    ) -> Result<Vec<Burst>, StoreError> {
        let sql = format!(
            "WITH s AS (
               SELECT id, station_id, staff_id, scanned_at, state, LAG(scanned_at, {before}) OVER w AS first_at
               FROM redemptions WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled'{{here}}
               WINDOW w AS (PARTITION BY station_id, staff_id ORDER BY scanned_at, id)
             ), amid AS (
               SELECT id, state, MIN({seconds}) OVER (PARTITION BY station_id, staff_id ORDER BY scanned_at, id
                                                      ROWS BETWEEN CURRENT ROW AND {before} FOLLOWING) AS seconds
               FROM s
             )
             SELECT a.id, a.seconds FROM amid a WHERE a.seconds <= $3 AND a.state = 'accepted' AND NOT EXISTS (
               SELECT 1 FROM suspension_signals g WHERE g.redemption_id = a.id AND g.signal = 'burst')
             ORDER BY a.id",
            before = scans.saturating_sub(1),
            seconds = self.seconds("first_at", "scanned_at"),
        );
        let rows = self.figures(&sql, window, [whole_seconds(within)]).await?;
        rows.iter()
            .map(|row| burst(row, scans).map_err(store_error))
            .collect()
    }

    async fn journeys(
        &mut self,
        window: Window,
        within: TimeDelta,
    ) -> Result<Vec<Journey>, StoreError> {
        let noticed = |id| {
            format!(
                "EXISTS (SELECT 1 FROM suspension_signals g WHERE g.redemption_id = {id} \
                 AND g.signal = 'impossible_travel')"
            )
        };
        // The table of meals begins with the person.
        let travellers = window.station.map_or("", |_| {
            " AND id IN (SELECT m.redemption_id FROM person_meals m
               WHERE m.person_id IN (SELECT person_id FROM redemptions WHERE state <> 'annulled'{here}))"
        });
        let sql = format!(
            "WITH s AS (
               SELECT id, station_id, scanned_at, accepted_at, LAG(id) OVER w AS from_id,
                      LAG(station_id) OVER w AS from_station, LAG(scanned_at) OVER w AS from_scanned,
                      LAG(accepted_at) OVER w AS from_accepted
               FROM redemptions WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled'{travellers}
               WINDOW w AS (PARTITION BY person_id ORDER BY scanned_at, id)
             )
             SELECT s.*, a.lng AS from_lng, a.lat AS from_lat, b.lng, b.lat
             FROM s JOIN stations a ON a.id = s.from_station JOIN stations b ON b.id = s.station_id
             WHERE s.from_station <> s.station_id AND {} <= $3 AND NOT ({} AND {}) ORDER BY s.id",
            self.seconds("s.from_scanned", "s.scanned_at"),
            noticed("s.id"),
            noticed("s.from_id"),
        );
        let rows = self.figures(&sql, window, [whole_seconds(within)]).await?;
        rows.iter().map(journey).collect()
    }

    async fn payable_of_pair(
        &mut self,
        habit: &PairHabit,
        window: Window,
        cleared_since: DateTime<Utc>,
    ) -> Result<Vec<RedemptionId>, StoreError> {
        self.payable_by_pair(habit, window, cleared_since).await
    }

    async fn payable_at_face(
        &mut self,
        habit: &PriceHabit,
        window: Window,
        cleared_since: DateTime<Utc>,
    ) -> Result<Vec<RedemptionId>, StoreError> {
        self.payable_by_price(habit, window, cleared_since).await
    }
}
