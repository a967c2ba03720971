//! Whether a batch is finished: nothing live, reserved, unsettled or under way. The budget's row
//! decides: every use and every return of a voucher writes it.

use niangjia_domain::{
    kernel::id::VoucherBatchId, store::StoreError, vouchers::batches::batch::Unfinished,
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::sql::db::{error::store_error, store::SqlTx};

impl SqlTx {
    pub(crate) async fn shut_finished(&self, id: VoucherBatchId) -> Result<bool, StoreError> {
        let finished = "NOT EXISTS (SELECT 1 FROM vouchers WHERE batch_id = $1 AND state = 'issued') \
                     AND NOT EXISTS (SELECT 1 FROM redemptions WHERE batch_id = $1 AND state = 'accepted') \
                     AND NOT EXISTS (SELECT 1 FROM settlement_adjustments \
                                     WHERE batch_id = $1 AND settlement_id IS NULL) \
                     AND NOT EXISTS (SELECT 1 FROM voucher_draws WHERE batch_id = $1 AND finished_at IS NULL) \
                     AND NOT EXISTS (SELECT 1 FROM voucher_recalls WHERE batch_id = $1 AND finished_at IS NULL)";
        self.shut_budget_where(id.into(), finished).await
    }

    pub(crate) async fn what_is_unfinished(
        &self,
        id: VoucherBatchId,
    ) -> Result<Option<Unfinished>, StoreError> {
        let sql = "SELECT reserved_fen, \
                     (SELECT COUNT(*) FROM vouchers WHERE batch_id = $1 AND state = 'issued') AS live, \
                     (SELECT COUNT(*) FROM redemptions WHERE batch_id = $1 AND state = 'accepted') \
                     + (SELECT COUNT(*) FROM settlement_adjustments \
                        WHERE batch_id = $1 AND settlement_id IS NULL) AS unsettled, \
                     (SELECT COUNT(*) FROM voucher_draws WHERE batch_id = $1 AND finished_at IS NULL) \
                     + (SELECT COUNT(*) FROM voucher_recalls WHERE batch_id = $1 AND finished_at IS NULL) AS running \
                   FROM ledger_budgets WHERE budget_id = $1";
        let statement = Statement::from_sql_and_values(self.backend(), sql, [id.uuid().into()]);
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        row.map(|row| unfinished(&row).map_err(store_error))
            .transpose()
    }
}

fn unfinished(row: &QueryResult) -> Result<Unfinished, DbErr> {
    Ok(Unfinished {
        live: row.try_get("", "live")?,
        reserved_fen: row.try_get("", "reserved_fen")?,
        unsettled: row.try_get("", "unsettled")?,
        running: row.try_get("", "running")?,
    })
}
