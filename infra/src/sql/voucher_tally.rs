//! Both sides of a batch's conservation equations in one statement, so that they are seen at one instant.

use chrono::{DateTime, Utc};
use niangjia_domain::{kernel::id::VoucherBatchId, store::StoreError, vouchers::conservation::Tally};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::{error::store_error, store::SqlTx};

const TALLY: &str = "\
WITH v AS (
  SELECT COUNT(*) FILTER (WHERE state = 'issued' AND valid_to > $2) AS live,
         COUNT(*) FILTER (WHERE state = 'redeemed') AS redeemed,
         COUNT(*) FILTER (WHERE state = 'expired' OR (state = 'issued' AND valid_to <= $2)) AS expired,
         COUNT(*) FILTER (WHERE state = 'deactivated') AS deactivated,
         COUNT(*) FILTER (WHERE state = 'recalled') AS recalled
  FROM vouchers WHERE batch_id = $1
), d AS (
  SELECT CAST(COALESCE(SUM(issued), 0) AS BIGINT) AS issued_by_day FROM voucher_days WHERE batch_id = $1
), s AS (
  SELECT COUNT(*) AS slots FROM voucher_slots WHERE batch_id = $1
), l AS (
  SELECT CAST(COALESCE(SUM(reserved_fen), 0) AS BIGINT) AS ledger_reserved_fen,
         CAST(COALESCE(SUM(spent_fen), 0) AS BIGINT) AS ledger_spent_fen
  FROM voucher_ledger WHERE batch_id = $1
), r AS (
  SELECT COUNT(*) AS live_redemptions, CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS redemptions_fen
  FROM redemptions WHERE batch_id = $1 AND state IN ('accepted', 'settled')
)
SELECT c.issued, c.budget_fen, c.reserved_fen, c.spent_fen, v.*, d.*, s.*, l.*, r.*
FROM voucher_counters c, v, d, s, l, r WHERE c.batch_id = $1";

impl SqlTx {
    pub(super) async fn tally_of(&self, id: VoucherBatchId, now: DateTime<Utc>) -> Result<Option<Tally>, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), TALLY, [id.uuid().into(), now.into()]);
        let row = self.db().query_one_raw(statement).await.map_err(store_error)?;
        row.map(|row| tally(&row).map_err(store_error)).transpose()
    }
}

fn tally(row: &QueryResult) -> Result<Tally, DbErr> {
    Ok(Tally {
        issued: row.try_get("", "issued")?,
        live: row.try_get("", "live")?,
        redeemed: row.try_get("", "redeemed")?,
        expired: row.try_get("", "expired")?,
        deactivated: row.try_get("", "deactivated")?,
        recalled: row.try_get("", "recalled")?,
        issued_by_day: row.try_get("", "issued_by_day")?,
        slots: row.try_get("", "slots")?,
        budget_fen: row.try_get("", "budget_fen")?,
        reserved_fen: row.try_get("", "reserved_fen")?,
        spent_fen: row.try_get("", "spent_fen")?,
        ledger_reserved_fen: row.try_get("", "ledger_reserved_fen")?,
        ledger_spent_fen: row.try_get("", "ledger_spent_fen")?,
        redemptions_fen: row.try_get("", "redemptions_fen")?,
        live_redemptions: row.try_get("", "live_redemptions")?,
    })
}
