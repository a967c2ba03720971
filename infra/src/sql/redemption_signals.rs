//! Figures that speak for collusion: one statement per signal, over live redemptions of a window of scan time.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Place,
        id::{AccountId, PersonId, RedemptionId, StationId},
    },
    store::StoreError,
    vouchers::collusion::{
        Window,
        burst::Burst,
        pair::PairHabit,
        ports::SignalRepository,
        price::PriceHabit,
        travel::{Journey, Stop},
    },
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use super::{error::store_error, rows::corrupt, store::SqlTx};

/// `$1 ≤ scan < $2`, at least `$3` meals. The others are those scanned at the same station for the same meals.
const PAIR_HABITS: &str = "\
WITH s AS (
  SELECT station_id, staff_id, person_id, day, meal FROM redemptions
  WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled'
), pair AS (
  SELECT station_id, staff_id, person_id, COUNT(*) AS meals FROM s
  GROUP BY station_id, staff_id, person_id HAVING COUNT(*) >= $3
), holder AS (
  SELECT station_id, person_id, COUNT(*) AS meals FROM s GROUP BY station_id, person_id
), sitting AS (
  SELECT station_id, day, meal, COUNT(*) AS scans FROM s GROUP BY station_id, day, meal
), shift AS (
  SELECT station_id, day, meal, staff_id, COUNT(*) AS scans FROM s GROUP BY station_id, day, meal, staff_id
)
SELECT p.station_id, p.staff_id, p.person_id, p.meals, h.meals AS holders_meals,
       CAST(SUM(a.scans - 1) AS BIGINT) AS others, CAST(SUM(b.scans - 1) AS BIGINT) AS others_by_staff
FROM pair p
JOIN holder h ON h.station_id = p.station_id AND h.person_id = p.person_id
JOIN s ON s.station_id = p.station_id AND s.staff_id = p.staff_id AND s.person_id = p.person_id
JOIN sitting a ON a.station_id = s.station_id AND a.day = s.day AND a.meal = s.meal
JOIN shift b ON b.station_id = s.station_id AND b.day = s.day AND b.meal = s.meal AND b.staff_id = s.staff_id
GROUP BY p.station_id, p.staff_id, p.person_id, p.meals, h.meals";

/// A price equals the face value when nothing is left over and nothing was paid on top.
const PRICE_HABITS: &str = "\
WITH s AS (
  SELECT station_id, staff_id, amount_fen, (remainder_fen = 0 AND copay_fen = 0) AS at_face FROM redemptions
  WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled' AND price_typed
), own AS (
  SELECT station_id, staff_id, COUNT(*) AS typed, COUNT(*) FILTER (WHERE at_face) AS at_face,
         COUNT(DISTINCT CASE WHEN at_face THEN amount_fen END) AS faces
  FROM s GROUP BY station_id, staff_id HAVING COUNT(*) >= $3
), place AS (
  SELECT station_id, COUNT(*) AS typed, COUNT(*) FILTER (WHERE at_face) AS at_face FROM s GROUP BY station_id
)
SELECT o.*, p.typed - o.typed AS others_typed, p.at_face - o.at_face AS others_at_face
FROM own o JOIN place p ON p.station_id = o.station_id";

/// Not noticed for this signal yet, and still to be paid.
const PAYABLE: &str = "\
SELECT r.id FROM redemptions r
WHERE r.scanned_at >= $1 AND r.scanned_at < $2 AND r.state = 'accepted' AND r.station_id = $4 AND r.staff_id = $5
  AND NOT EXISTS (SELECT 1 FROM redemption_hold_signals g WHERE g.redemption_id = r.id AND g.signal = {signal})
  AND NOT EXISTS (
    SELECT 1 FROM redemption_hold_signals g JOIN redemption_holds h ON h.redemption_id = g.redemption_id
    JOIN redemptions o ON o.id = g.redemption_id
    WHERE g.signal = {signal} AND h.decision = 'released' AND h.decided_at >= $3
      AND o.station_id = r.station_id AND o.staff_id = r.staff_id{same})
  AND {what} ORDER BY r.id";

#[async_trait]
impl SignalRepository for SqlTx {
    async fn pair_habits(&mut self, window: Window, meals: i64) -> Result<Vec<PairHabit>, StoreError> {
        let rows = self.figures(PAIR_HABITS, window, [meals.into()]).await?;
        rows.iter().map(|row| pair_habit(row).map_err(store_error)).collect()
    }

    async fn price_habits(&mut self, window: Window, typed: i64) -> Result<Vec<PriceHabit>, StoreError> {
        let rows = self.figures(PRICE_HABITS, window, [typed.into()]).await?;
        rows.iter().map(|row| price_habit(row).map_err(store_error)).collect()
    }

    /// A scan may end a run of `scans`, begin one, or stand in its middle.
    async fn bursts(&mut self, window: Window, scans: u32, within: TimeDelta) -> Result<Vec<Burst>, StoreError> {
        let sql = format!(
            "WITH s AS (
               SELECT id, station_id, staff_id, scanned_at, state,
                      LAG(scanned_at, {}) OVER (PARTITION BY station_id, staff_id ORDER BY scanned_at, id) AS first_at
               FROM redemptions WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled'
             ), run AS (
               SELECT station_id, staff_id, first_at, scanned_at AS last_at, {seconds} AS seconds
               FROM s WHERE first_at IS NOT NULL AND {seconds} <= $3
             )
             SELECT s.id, MIN(run.seconds) AS seconds FROM s JOIN run ON run.station_id = s.station_id
               AND run.staff_id = s.staff_id AND s.scanned_at BETWEEN run.first_at AND run.last_at
             WHERE s.state = 'accepted' AND NOT EXISTS (
               SELECT 1 FROM redemption_hold_signals g WHERE g.redemption_id = s.id AND g.signal = 'burst')
             GROUP BY s.id ORDER BY s.id",
            scans.saturating_sub(1),
            seconds = self.seconds("first_at", "scanned_at"),
        );
        let rows = self.figures(&sql, window, [whole_seconds(within)]).await?;
        rows.iter().map(|row| burst(row, scans).map_err(store_error)).collect()
    }

    async fn journeys(&mut self, window: Window, within: TimeDelta) -> Result<Vec<Journey>, StoreError> {
        let noticed = |id| {
            format!(
                "EXISTS (SELECT 1 FROM redemption_hold_signals g WHERE g.redemption_id = {id} \
                 AND g.signal = 'impossible_travel')"
            )
        };
        let sql = format!(
            "WITH s AS (
               SELECT id, station_id, scanned_at, accepted_at, LAG(id) OVER w AS from_id,
                      LAG(station_id) OVER w AS from_station, LAG(scanned_at) OVER w AS from_scanned,
                      LAG(accepted_at) OVER w AS from_accepted
               FROM redemptions WHERE scanned_at >= $1 AND scanned_at < $2 AND state <> 'annulled'
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
        let sql = PAYABLE
            .replace("{signal}", "'same_pair'")
            .replace("{same}", " AND o.person_id = r.person_id")
            .replace("{what}", "r.person_id = $6");
        let pair = [habit.station_id.uuid(), habit.staff_id.uuid(), habit.person_id.uuid()].map(Value::from);
        self.payable(&sql, window, cleared_since, pair).await
    }

    async fn payable_at_face(
        &mut self,
        habit: &PriceHabit,
        window: Window,
        cleared_since: DateTime<Utc>,
    ) -> Result<Vec<RedemptionId>, StoreError> {
        let sql = PAYABLE
            .replace("{signal}", "'price_is_face_value'")
            .replace("{same}", "")
            .replace("{what}", "r.price_typed AND r.remainder_fen = 0 AND r.copay_fen = 0");
        let staff = [habit.station_id.uuid(), habit.staff_id.uuid()].map(Value::from);
        self.payable(&sql, window, cleared_since, staff).await
    }
}

impl SqlTx {
    async fn figures(
        &self,
        sql: &str,
        window: Window,
        more: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let values = [window.since.into(), window.until.into()].into_iter().chain(more);
        let statement = Statement::from_sql_and_values(self.backend(), sql, values.collect::<Vec<Value>>());
        self.db().query_all_raw(statement).await.map_err(store_error)
    }

    async fn payable(
        &self,
        sql: &str,
        window: Window,
        cleared_since: DateTime<Utc>,
        of: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<RedemptionId>, StoreError> {
        let more: Vec<_> = [cleared_since.into()].into_iter().chain(of).collect();
        let rows = self.figures(sql, window, more).await?;
        rows.iter().map(|row| row.try_get("", "id").map(RedemptionId::from_uuid).map_err(store_error)).collect()
    }

    /// Seconds from one column to the other, in each database's words.
    fn seconds(&self, from: &str, to: &str) -> String {
        match self.backend() {
            DbBackend::Postgres => format!("CAST(EXTRACT(EPOCH FROM {to} - {from}) AS double precision)"),
            _ => format!("((julianday({to}) - julianday({from})) * 86400.0)"),
        }
    }
}

/// As the databases compare them: SQLite's days are good to a millisecond.
fn whole_seconds(time: TimeDelta) -> Value {
    (time.num_seconds() as f64 + 0.001).into()
}

fn pair_habit(row: &QueryResult) -> Result<PairHabit, DbErr> {
    Ok(PairHabit {
        station_id: StationId::from_uuid(row.try_get("", "station_id")?),
        staff_id: AccountId::from_uuid(row.try_get("", "staff_id")?),
        person_id: PersonId::from_uuid(row.try_get("", "person_id")?),
        meals: row.try_get("", "meals")?,
        holders_meals: row.try_get("", "holders_meals")?,
        others: row.try_get("", "others")?,
        others_by_staff: row.try_get("", "others_by_staff")?,
    })
}

fn price_habit(row: &QueryResult) -> Result<PriceHabit, DbErr> {
    Ok(PriceHabit {
        station_id: StationId::from_uuid(row.try_get("", "station_id")?),
        staff_id: AccountId::from_uuid(row.try_get("", "staff_id")?),
        typed: row.try_get("", "typed")?,
        at_face: row.try_get("", "at_face")?,
        faces: row.try_get("", "faces")?,
        others_typed: row.try_get("", "others_typed")?,
        others_at_face: row.try_get("", "others_at_face")?,
    })
}

fn burst(row: &QueryResult, scans: u32) -> Result<Burst, DbErr> {
    let seconds: f64 = row.try_get("", "seconds")?;
    let within = TimeDelta::milliseconds((seconds * 1_000.0).round() as i64);
    Ok(Burst { redemption_id: RedemptionId::from_uuid(row.try_get("", "id")?), scans, within })
}

fn journey(row: &QueryResult) -> Result<Journey, StoreError> {
    let stop = |id: &str, lng: &str, lat: &str, scanned: &str, accepted: &str| -> Result<Stop, StoreError> {
        let get = |column| row.try_get("", column).map_err(store_error);
        let redemption_id = RedemptionId::from_uuid(row.try_get("", id).map_err(store_error)?);
        let place = Place::new(row.try_get("", lng).map_err(store_error)?, row.try_get("", lat).map_err(store_error)?);
        let place = place.map_err(|_| corrupt("stations", redemption_id))?;
        Ok(Stop { redemption_id, place, scanned_at: get(scanned)?, accepted_at: get(accepted)? })
    };
    Ok(Journey {
        from: stop("from_id", "from_lng", "from_lat", "from_scanned", "from_accepted")?,
        to: stop("id", "lng", "lat", "scanned_at", "accepted_at")?,
    })
}
