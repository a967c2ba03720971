//! Budgets: reading them, opening and shutting them, and setting their limits.

use niangjia_domain::{
    kernel::{Fen, id::BudgetId},
    ledger::Budget,
    store::StoreError,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::entity::ledger_budget::{ActiveModel, Column, Entity, Model};
use crate::sql::db::{error::store_error, rows::corrupt, store::SqlTx};

const TABLE: &str = "ledger_budgets";

impl SqlTx {
    pub(crate) async fn add_budget(&self, budget: &Budget) -> Result<(), StoreError> {
        let row = ActiveModel {
            budget_id: Set(budget.id.uuid()),
            open: Set(budget.open),
            quota: Set(budget.quota),
            issued: Set(budget.issued),
            budget_fen: Set(budget.total.get()),
            reserved_fen: Set(budget.reserved.get()),
            spent_fen: Set(budget.spent.get()),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    pub(super) async fn find_budgets(&self, ids: &[BudgetId]) -> Result<Vec<Budget>, StoreError> {
        let query = Entity::find().filter(Column::BudgetId.is_in(ids.iter().map(|id| id.uuid())));
        query
            .all(&self.db())
            .await
            .map_err(store_error)?
            .into_iter()
            .map(budget)
            .collect()
    }

    pub(crate) async fn find_budget(&self, id: BudgetId) -> Result<Budget, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        budget(row.ok_or_else(|| corrupt(TABLE, id))?)
    }

    pub(crate) async fn open_budget(&self, id: BudgetId, open: bool) -> Result<bool, StoreError> {
        let sql = "UPDATE ledger_budgets SET open = $2 WHERE budget_id = $1";
        Ok(self.run(sql, [id.uuid().into(), open.into()]).await? > 0)
    }

    /// Shuts a budget that has nothing reserved, if the context's condition holds as well: one
    /// statement, because its row decides against everybody who moves money meanwhile. The
    /// condition speaks of the budget's id as `$1`.
    pub(crate) async fn shut_budget_where(
        &self,
        id: BudgetId,
        condition: &str,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE ledger_budgets SET open = FALSE \
             WHERE budget_id = $1 AND reserved_fen = 0 AND {condition}"
        );
        Ok(self.run(&sql, [id.uuid().into()]).await? > 0)
    }

    /// The limits of a budget nobody has used yet, while it stays shut.
    pub(crate) async fn redraft_budget(&self, budget: &Budget) -> Result<bool, StoreError> {
        let sql = "UPDATE ledger_budgets SET open = FALSE, quota = $2, budget_fen = $3 \
                   WHERE budget_id = $1";
        let values = [
            budget.id.uuid().into(),
            budget.quota.into(),
            budget.total.get().into(),
        ];
        Ok(self.run(sql, values).await? > 0)
    }

    pub(super) async fn resize_quota(
        &self,
        id: BudgetId,
        current: i64,
        target: i64,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE ledger_budgets SET quota = $3 \
                   WHERE budget_id = $1 AND quota = $2 AND issued <= $3";
        let values = [id.uuid().into(), current.into(), target.into()];
        Ok(self.run(sql, values).await? > 0)
    }

    pub(super) async fn resize_total(
        &self,
        id: BudgetId,
        current: Fen,
        target: Fen,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE ledger_budgets SET budget_fen = $3 \
                   WHERE budget_id = $1 AND budget_fen = $2 AND reserved_fen + spent_fen <= $3";
        let values = [id.uuid().into(), current.get().into(), target.get().into()];
        Ok(self.run(sql, values).await? > 0)
    }
}

fn budget(row: Model) -> Result<Budget, StoreError> {
    let id = BudgetId::from_uuid(row.budget_id);
    let fen = |amount| Fen::new(amount).ok_or_else(|| corrupt(TABLE, id));
    Ok(Budget {
        id,
        open: row.open,
        quota: row.quota,
        issued: row.issued,
        total: fen(row.budget_fen)?,
        reserved: fen(row.reserved_fen)?,
        spent: fen(row.spent_fen)?,
    })
}
