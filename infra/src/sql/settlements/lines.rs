//! What a sheet pays for. Each redemption's own row decides whether it is taken: accepted, not
//! held, too old to be annulled. The lines are a copy of what was taken, numbered by the database;
//! a unique index keeps each subject in one.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::{
        AccountId, AdjustmentId, DisputedScanId, PersonId, RedemptionId, SettlementId,
        VoucherBatchId, VoucherId,
    },
    settlements::{
        Settlement,
        sheets::line::{Line, Subject, Totals},
    },
    store::StoreError,
    vouchers::batches::batch::Officer,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, Statement, Value,
};
use uuid::Uuid;

use super::entity::settlement_line::{Column, Entity, Model};
use crate::sql::db::{
    error::store_error,
    rows::{corrupt, parsed},
    store::SqlTx,
};

/// Of a station, up to a day.
pub(crate) const PAYABLE: &str =
    "station_id = $1 AND day <= $2 AND state = 'accepted' AND NOT suspended";

const COPY: &str = "\
INSERT INTO settlement_lines (settlement_id, line_no, kind, subject_id, batch_id, voucher_id, day, meal, at, account_id, \
  late, price_fen, amount_fen, copay_fen, note)
SELECT $1, ROW_NUMBER() OVER (ORDER BY part, day, at, subject_id), kind, subject_id, batch_id, voucher_id, day, meal, at, \
  account_id, late, price_fen, amount_fen, copay_fen, note
FROM (
  SELECT 1 AS part, 'redemption' AS kind, id AS subject_id, batch_id, voucher_id, day, meal, scanned_at AS at, \
    staff_id AS account_id, day < $2 AS late, price_fen, amount_fen, copay_fen, '' AS note
  FROM redemptions WHERE settlement_id = $1
  UNION ALL
  SELECT 2, 'adjustment', a.id, a.batch_id, r.voucher_id, a.day, '', a.made_at, a.made_by, FALSE, 0, a.amount_fen, 0, \
    a.reason
  FROM settlement_adjustments a LEFT JOIN redemptions r ON r.id = a.redemption_id WHERE a.settlement_id = $1
) AS taken";

const TOTALS: &str = "\
SELECT COUNT(*) FILTER (WHERE kind = 'redemption') AS redemptions,
       CAST(COALESCE(SUM(amount_fen) FILTER (WHERE kind = 'redemption'), 0) AS BIGINT) AS redemptions_fen,
       COUNT(*) FILTER (WHERE late) AS late,
       CAST(COALESCE(SUM(copay_fen), 0) AS BIGINT) AS copay_fen,
       COUNT(*) FILTER (WHERE kind = 'adjustment') AS adjustments,
       CAST(COALESCE(SUM(amount_fen) FILTER (WHERE kind = 'adjustment'), 0) AS BIGINT) AS adjustments_fen
FROM settlement_lines WHERE settlement_id = $1";

/// Adjustments that wait for their sheet have moved what is spent already, and are left out on both
/// sides.
const OVERSPENT: &str = "\
WITH concerned AS (
  SELECT DISTINCT batch_id FROM settlement_lines WHERE settlement_id = $1
), lines AS (
  SELECT batch_id, SUM(amount_fen) AS fen FROM settlement_lines
  WHERE batch_id IN (SELECT batch_id FROM concerned) GROUP BY batch_id
), waiting AS (
  SELECT batch_id, SUM(amount_fen) AS fen FROM settlement_adjustments
  WHERE settlement_id IS NULL AND batch_id IN (SELECT batch_id FROM concerned) GROUP BY batch_id
)
SELECT l.batch_id FROM lines l JOIN ledger_budgets c ON c.budget_id = l.batch_id
LEFT JOIN waiting w ON w.batch_id = l.batch_id WHERE l.fen > c.spent_fen - COALESCE(w.fen, 0)";

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

    pub(crate) async fn copy_lines(&self, settlement: &Settlement) -> Result<(), StoreError> {
        self.run(
            COPY,
            [
                settlement.id.uuid().into(),
                settlement.period.first().to_string().into(),
            ],
        )
        .await?;
        Ok(())
    }

    pub(crate) async fn totals_of(&self, id: SettlementId) -> Result<Totals, StoreError> {
        let rows = self.rows(TOTALS, [id.uuid().into()]).await?;
        let row = rows
            .first()
            .ok_or_else(|| corrupt("settlement_lines", id))?;
        totals(row).map_err(store_error)
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

    pub(crate) async fn lines_after(
        &self,
        id: SettlementId,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Line>, StoreError> {
        let query = Entity::find()
            .filter(Column::SettlementId.eq(id.uuid()))
            .filter(Column::LineNo.gt(after))
            .order_by_asc(Column::LineNo)
            .limit(limit);
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(line)
            .collect()
    }

    pub(crate) async fn line_no_of(
        &self,
        id: SettlementId,
        subject: Uuid,
    ) -> Result<Option<i64>, StoreError> {
        let query = Entity::find()
            .filter(Column::SettlementId.eq(id.uuid()))
            .filter(Column::SubjectId.eq(subject));
        Ok(query
            .one(&self.db())
            .await
            .map_err(store_error)?
            .map(|row| row.line_no))
    }

    pub(crate) async fn overspent_batches(
        &self,
        id: SettlementId,
    ) -> Result<Vec<VoucherBatchId>, StoreError> {
        let rows = self.rows(OVERSPENT, [id.uuid().into()]).await?;
        rows.iter()
            .map(|row| {
                row.try_get("", "batch_id")
                    .map(VoucherBatchId::from_uuid)
                    .map_err(store_error)
            })
            .collect()
    }

    pub(crate) async fn adjusters_of(&self, id: SettlementId) -> Result<Vec<Officer>, StoreError> {
        let sql = "SELECT DISTINCT made_by, made_by_person FROM settlement_adjustments WHERE settlement_id = $1";
        let rows = self.rows(sql, [id.uuid().into()]).await?;
        rows.iter()
            .map(|row| officer(row).map_err(store_error))
            .collect()
    }

    pub(crate) async fn rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        self.db()
            .query_all_raw(statement)
            .await
            .map_err(store_error)
    }
}

fn totals(row: &QueryResult) -> Result<Totals, DbErr> {
    Ok(Totals {
        redemptions: row.try_get("", "redemptions")?,
        redemptions_fen: row.try_get("", "redemptions_fen")?,
        late: row.try_get("", "late")?,
        copay_fen: row.try_get("", "copay_fen")?,
        adjustments: row.try_get("", "adjustments")?,
        adjustments_fen: row.try_get("", "adjustments_fen")?,
    })
}

fn officer(row: &QueryResult) -> Result<Officer, DbErr> {
    let person: Option<Uuid> = row.try_get("", "made_by_person")?;
    Ok(Officer {
        account_id: AccountId::from_uuid(row.try_get("", "made_by")?),
        person_id: person.map(PersonId::from_uuid),
    })
}

fn line(row: Model) -> Result<Line, StoreError> {
    let subject = match row.kind.as_str() {
        "redemption" => Subject::Redemption(RedemptionId::from_uuid(row.subject_id)),
        "adjustment" => Subject::Adjustment(AdjustmentId::from_uuid(row.subject_id)),
        _ => return Err(corrupt("settlement_lines", row.subject_id)),
    };
    Ok(Line {
        no: row.line_no,
        subject,
        batch_id: VoucherBatchId::from_uuid(row.batch_id),
        voucher_id: row.voucher_id.map(VoucherId::from_uuid),
        day: parsed("settlement_lines", row.subject_id, row.day.parse())?,
        meal: row.meal,
        at: row.at,
        account_id: AccountId::from_uuid(row.account_id),
        is_late: row.late,
        price_fen: row.price_fen,
        amount_fen: row.amount_fen,
        copay_fen: row.copay_fen,
        note: row.note,
    })
}
