//! One statement per contradiction between rows. Each yields `batch_id` and `row_id` of what is
//! wrong inside the range `$1 < batch ≤ $2`; what comes out is counted per batch, with one row as
//! the example.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::VoucherBatchId,
    store::StoreError,
    vouchers::reconciliation::{
        Contradiction, Stray,
        ports::{BatchRange, Contradicting},
    },
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use crate::sql::db::{error::store_error, store::SqlTx};

const UNCOUNTED: &str = "\
SELECT b.id AS batch_id, b.id AS row_id FROM voucher_batches b
WHERE b.id > $1 AND b.id <= $2 AND NOT EXISTS (SELECT 1 FROM ledger_budgets c WHERE c.budget_id = b.id)";

/// What a cheap meal leaves stays reserved until it is released; a void voucher is released exactly
/// once, as a whole.
const LEDGER_AGAINST_STATE: &str = "\
SELECT v.batch_id, v.id AS row_id FROM vouchers v
LEFT JOIN (
  SELECT subject_id AS voucher_id, SUM(reserved_fen) AS reserved, SUM(spent_fen) AS spent,
         SUM(CASE WHEN kind = 'reserve' THEN reserved_fen ELSE 0 END) AS reserve,
         COUNT(*) FILTER (WHERE kind = 'spend') - COUNT(*) FILTER (WHERE kind = 'reverse') AS spends,
         COUNT(*) FILTER (WHERE kind = 'release' AND sequence = 0) AS releases
  FROM ledger_postings WHERE budget_id > $1 AND budget_id <= $2 GROUP BY subject_id
) l ON l.voucher_id = v.id
LEFT JOIN redemptions r ON r.voucher_id = v.id AND r.batch_id = v.batch_id AND r.state IN ('accepted', 'settled')
WHERE v.batch_id > $1 AND v.batch_id <= $2 AND NOT COALESCE(
  l.reserve = v.face_value_fen
  AND l.spent = COALESCE(r.amount_fen, 0)
  AND l.spends = CASE WHEN v.state = 'redeemed' THEN 1 ELSE 0 END
  AND (v.state = 'redeemed') = (r.id IS NOT NULL)
  AND l.releases = CASE WHEN v.state IN ('issued', 'redeemed') THEN 0 ELSE 1 END
  AND l.reserved = CASE
    WHEN v.state = 'issued' THEN v.face_value_fen
    WHEN v.state = 'redeemed' AND r.remainder_released_at IS NULL THEN r.remainder_fen
    ELSE 0 END, FALSE)";

const WITHOUT_SLOT: &str = "\
SELECT v.batch_id, v.id AS row_id FROM vouchers v
WHERE v.batch_id > $1 AND v.batch_id <= $2 AND NOT EXISTS (
  SELECT 1 FROM voucher_slots s WHERE s.batch_id = v.batch_id AND s.person_id = v.person_id AND s.voucher_id = v.id)";

const SLOT_BEYOND_LIMIT: &str = "\
SELECT s.batch_id, s.voucher_id AS row_id FROM voucher_slots s JOIN voucher_batches b ON b.id = s.batch_id
WHERE s.batch_id > $1 AND s.batch_id <= $2 AND s.n > CAST(b.rules ->> 'per_person_limit' AS BIGINT)";

const TWO_LIVE_REDEMPTIONS: &str = "\
SELECT batch_id, voucher_id AS row_id FROM redemptions
WHERE batch_id > $1 AND batch_id <= $2 AND state IN ('accepted', 'settled')
GROUP BY batch_id, voucher_id HAVING COUNT(*) > 1";

const WITHOUT_MEAL: &str = "\
SELECT r.batch_id, r.id AS row_id FROM redemptions r
WHERE r.batch_id > $1 AND r.batch_id <= $2 AND r.state IN ('accepted', 'settled') AND NOT EXISTS (
  SELECT 1 FROM person_meals m
  WHERE m.person_id = r.person_id AND m.day = r.day AND m.meal = r.meal AND m.redemption_id = r.id)";

const MEAL_OF_ANNULLED: &str = "\
SELECT r.batch_id, r.id AS row_id FROM redemptions r JOIN person_meals m ON m.redemption_id = r.id
WHERE r.batch_id > $1 AND r.batch_id <= $2 AND r.state = 'annulled'";

const CODE_NOT_BURNT: &str = "\
SELECT r.batch_id, r.id AS row_id FROM redemptions r
WHERE r.batch_id > $1 AND r.batch_id <= $2 AND r.state IN ('accepted', 'settled') AND r.scanned_at > $3
  AND NOT EXISTS (
    SELECT 1 FROM voucher_used_steps s WHERE s.voucher_id = r.voucher_id AND s.redemption_id = r.id)";

const HOLD_AGAINST_FLAG: &str = "\
SELECT r.batch_id, r.id AS row_id FROM redemptions r LEFT JOIN redemption_suspensions h ON h.redemption_id = r.id
WHERE r.batch_id > $1 AND r.batch_id <= $2
  AND r.suspended <> (h.redemption_id IS NOT NULL AND COALESCE(h.decision, 'open') <> 'lifted')";

const LINE_AGAINST_STATE: &str = "\
SELECT r.batch_id, r.id AS row_id FROM redemptions r LEFT JOIN settlement_lines l
  ON l.kind = 'redemption' AND l.subject_id = r.id
WHERE r.batch_id > $1 AND r.batch_id <= $2
  AND (r.state = 'settled') <> COALESCE(l.settlement_id = r.settlement_id AND l.amount_fen = r.amount_fen, FALSE)";

/// Each with the voucher that it is about.
const UNKNOWN_CODE: &str = "\
SELECT batch_id, id AS row_id FROM vouchers
WHERE batch_id > $1 AND batch_id <= $2 AND state NOT IN (SELECT code FROM voucher_states)
UNION ALL SELECT budget_id, subject_id FROM ledger_postings
WHERE budget_id > $1 AND budget_id <= $2 AND kind NOT IN (SELECT code FROM posting_kinds)
UNION ALL SELECT batch_id, voucher_id FROM redemptions
WHERE batch_id > $1 AND batch_id <= $2 AND state NOT IN (SELECT code FROM redemption_states)
UNION ALL SELECT batch_id, COALESCE(voucher_id, subject_id) FROM settlement_lines
WHERE batch_id > $1 AND batch_id <= $2 AND kind NOT IN (SELECT code FROM settlement_line_kinds)";

const STRAY_MEAL: &str = "\
SELECT COUNT(*) AS stray FROM person_meals m
WHERE NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.id = m.redemption_id)";

const SHEET_TOTALS: &str = "\
SELECT COUNT(*) AS stray FROM settlements s LEFT JOIN (
  SELECT settlement_id, COUNT(*) AS lines,
         SUM(CASE WHEN kind = 'redemption' THEN amount_fen ELSE 0 END) AS redemptions_fen,
         SUM(CASE WHEN kind = 'adjustment' THEN amount_fen ELSE 0 END) AS adjustments_fen
  FROM settlement_lines GROUP BY settlement_id
) l ON l.settlement_id = s.id
WHERE s.status IN ('frozen', 'confirmed', 'approved', 'paid', 'closed') AND NOT COALESCE(
  l.redemptions_fen = CAST(s.stage -> 'sheet' -> 'totals' ->> 'redemptions_fen' AS BIGINT)
  AND l.adjustments_fen = CAST(s.stage -> 'sheet' -> 'totals' ->> 'adjustments_fen' AS BIGINT)
  AND l.lines = CAST(s.stage -> 'sheet' -> 'totals' ->> 'redemptions' AS BIGINT)
              + CAST(s.stage -> 'sheet' -> 'totals' ->> 'adjustments' AS BIGINT), FALSE)";

const fn statement_of(what: Contradiction) -> &'static str {
    match what {
        Contradiction::Uncounted => UNCOUNTED,
        Contradiction::LedgerAgainstState => LEDGER_AGAINST_STATE,
        Contradiction::WithoutSlot => WITHOUT_SLOT,
        Contradiction::SlotBeyondLimit => SLOT_BEYOND_LIMIT,
        Contradiction::TwoLiveRedemptions => TWO_LIVE_REDEMPTIONS,
        Contradiction::WithoutMeal => WITHOUT_MEAL,
        Contradiction::MealOfAnnulled => MEAL_OF_ANNULLED,
        Contradiction::CodeNotBurnt => CODE_NOT_BURNT,
        Contradiction::SuspensionAgainstFlag => HOLD_AGAINST_FLAG,
        Contradiction::LineAgainstState => LINE_AGAINST_STATE,
        Contradiction::UnknownCode => UNKNOWN_CODE,
    }
}

impl SqlTx {
    pub(crate) async fn count_stray(&self, what: Stray) -> Result<i64, StoreError> {
        let sql = match what {
            Stray::Meal => STRAY_MEAL,
            Stray::SheetTotals => SHEET_TOTALS,
        };
        let row = self
            .db()
            .query_one_raw(Statement::from_string(self.backend(), sql))
            .await
            .map_err(store_error)?;
        row.map_or(Ok(0), |row| row.try_get("", "stray"))
            .map_err(store_error)
    }

    pub(crate) async fn contradicting_rows(
        &self,
        what: Contradiction,
        range: BatchRange,
        recent: DateTime<Utc>,
    ) -> Result<Vec<Contradicting>, StoreError> {
        let sql = format!(
            "SELECT batch_id, row_id, many FROM (
               SELECT batch_id, row_id, COUNT(*) OVER (PARTITION BY batch_id) AS many,
                      ROW_NUMBER() OVER (PARTITION BY batch_id ORDER BY row_id) AS place
               FROM ({}) AS wrong) AS counted
             WHERE place = 1 ORDER BY batch_id",
            statement_of(what)
        );
        let mut values: Vec<Value> = vec![range.after.into(), range.to.into()];
        if what == Contradiction::CodeNotBurnt {
            values.push(recent.into());
        }
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| contradicting(row).map_err(store_error))
            .collect()
    }
}

fn contradicting(row: &QueryResult) -> Result<Contradicting, DbErr> {
    Ok(Contradicting {
        batch_id: VoucherBatchId::from_uuid(row.try_get("", "batch_id")?),
        rows: row.try_get("", "many")?,
        example: row.try_get("", "row_id")?,
    })
}
