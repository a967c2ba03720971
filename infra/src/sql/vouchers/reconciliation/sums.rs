//! Both sides of batches' conservation equations in one statement, so that they are seen at one
//! instant.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::VoucherBatchId, store::StoreError,
    vouchers::reconciliation::conservation::BatchSums,
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use uuid::Uuid;

use crate::sql::db::{error::store_error, store::SqlTx};

/// `b` is whichever batches are asked for; `$2` is now.
const TALLY: &str = "\
, v AS (
  SELECT batch_id,
         COUNT(*) FILTER (WHERE state = 'issued' AND valid_to > $2) AS live,
         COUNT(*) FILTER (WHERE state = 'redeemed') AS redeemed,
         COUNT(*) FILTER (WHERE state = 'expired' OR (state = 'issued' AND valid_to <= $2)) AS expired,
         COUNT(*) FILTER (WHERE state = 'deactivated') AS deactivated,
         COUNT(*) FILTER (WHERE state = 'recalled') AS recalled
  FROM vouchers WHERE batch_id IN (SELECT batch_id FROM b) GROUP BY batch_id
), d AS (
  SELECT batch_id, CAST(SUM(issued) AS BIGINT) AS issued_by_day
  FROM voucher_days WHERE batch_id IN (SELECT batch_id FROM b) GROUP BY batch_id
), s AS (
  SELECT batch_id, COUNT(*) AS slots
  FROM voucher_slots WHERE batch_id IN (SELECT batch_id FROM b) GROUP BY batch_id
), l AS (
  SELECT budget_id AS batch_id, CAST(SUM(reserved_fen) AS BIGINT) AS ledger_reserved_fen,
         CAST(SUM(spent_fen) AS BIGINT) AS ledger_spent_fen
  FROM ledger_postings WHERE budget_id IN (SELECT batch_id FROM b) GROUP BY budget_id
), r AS (
  SELECT batch_id, COUNT(*) AS live_redemptions, CAST(SUM(amount_fen) AS BIGINT) AS redemptions_fen,
         CAST(SUM(amount_fen) FILTER (WHERE state = 'settled') AS BIGINT) AS settled_fen
  FROM redemptions WHERE batch_id IN (SELECT batch_id FROM b) AND state IN ('accepted', 'settled') GROUP BY batch_id
), a AS (
  SELECT batch_id, CAST(SUM(amount_fen) AS BIGINT) AS adjustments_fen,
         CAST(SUM(amount_fen) FILTER (WHERE settlement_id IS NOT NULL) AS BIGINT) AS settled_adjustments_fen
  FROM settlement_adjustments WHERE batch_id IN (SELECT batch_id FROM b) GROUP BY batch_id
), p AS (
  SELECT batch_id, CAST(SUM(amount_fen) FILTER (WHERE kind = 'redemption') AS BIGINT) AS redemption_lines_fen,
         CAST(SUM(amount_fen) FILTER (WHERE kind = 'adjustment') AS BIGINT) AS adjustment_lines_fen
  FROM settlement_lines WHERE batch_id IN (SELECT batch_id FROM b) GROUP BY batch_id
)
SELECT b.batch_id, b.issued, b.budget_fen, b.reserved_fen, b.spent_fen,
       v.live, v.redeemed, v.expired, v.deactivated, v.recalled, d.issued_by_day, s.slots,
       l.ledger_reserved_fen, l.ledger_spent_fen, r.live_redemptions, r.redemptions_fen, r.settled_fen,
       a.adjustments_fen, a.settled_adjustments_fen, p.redemption_lines_fen, p.adjustment_lines_fen
FROM b LEFT JOIN v ON v.batch_id = b.batch_id LEFT JOIN d ON d.batch_id = b.batch_id
  LEFT JOIN s ON s.batch_id = b.batch_id LEFT JOIN l ON l.batch_id = b.batch_id
  LEFT JOIN r ON r.batch_id = b.batch_id LEFT JOIN a ON a.batch_id = b.batch_id
  LEFT JOIN p ON p.batch_id = b.batch_id
ORDER BY b.batch_id";

impl SqlTx {
    pub(crate) async fn tally_of(
        &self,
        id: VoucherBatchId,
        now: DateTime<Utc>,
    ) -> Result<Option<BatchSums>, StoreError> {
        let tallies = self.tallies_where("b.id = $1", id.uuid(), now).await?;
        Ok(tallies.into_iter().next().map(|(_, tally)| tally))
    }

    /// Of the first `limit` batches behind this one, in order of id.
    pub(crate) async fn tallies_after(
        &self,
        after: Uuid,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<(VoucherBatchId, BatchSums)>, StoreError> {
        self.tallies_where(
            &format!("b.id > $1 ORDER BY b.id LIMIT {limit}"),
            after,
            now,
        )
        .await
    }

    async fn tallies_where(
        &self,
        which: &str,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Vec<(VoucherBatchId, BatchSums)>, StoreError> {
        let sql = format!(
            "WITH b AS (SELECT b.id AS batch_id, c.issued, c.budget_fen, c.reserved_fen, c.spent_fen \
               FROM voucher_batches b JOIN ledger_budgets c ON c.budget_id = b.id WHERE {which}){TALLY}"
        );
        let statement =
            Statement::from_sql_and_values(self.backend(), sql, [id.into(), now.into()]);
        let rows = self
            .db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| tally(row).map_err(store_error))
            .collect()
    }
}

fn tally(row: &QueryResult) -> Result<(VoucherBatchId, BatchSums), DbErr> {
    // No rows, no sum.
    let sum = |column| Ok::<_, DbErr>(row.try_get::<Option<i64>>("", column)?.unwrap_or_default());
    let tally = BatchSums {
        issued: row.try_get("", "issued")?,
        live: sum("live")?,
        redeemed: sum("redeemed")?,
        expired: sum("expired")?,
        deactivated: sum("deactivated")?,
        recalled: sum("recalled")?,
        issued_by_day: sum("issued_by_day")?,
        slots: sum("slots")?,
        budget_fen: row.try_get("", "budget_fen")?,
        reserved_fen: row.try_get("", "reserved_fen")?,
        spent_fen: row.try_get("", "spent_fen")?,
        ledger_reserved_fen: sum("ledger_reserved_fen")?,
        ledger_spent_fen: sum("ledger_spent_fen")?,
        redemptions_fen: sum("redemptions_fen")?,
        live_redemptions: sum("live_redemptions")?,
        adjustments_fen: sum("adjustments_fen")?,
        settled_fen: sum("settled_fen")?,
        settled_adjustments_fen: sum("settled_adjustments_fen")?,
        redemption_lines_fen: sum("redemption_lines_fen")?,
        adjustment_lines_fen: sum("adjustment_lines_fen")?,
    };
    Ok((
        VoucherBatchId::from_uuid(row.try_get("", "batch_id")?),
        tally,
    ))
}
