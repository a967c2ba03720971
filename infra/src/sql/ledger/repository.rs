//! The ledger on a unit of work, put together from budgets, counters and postings.

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{Fen, id::BudgetId},
    ledger::{Budget, LedgerRepository, Posted, Posting, postings::Reserve},
    store::StoreError,
};

use crate::sql::db::store::SqlTx;

#[async_trait]
impl LedgerRepository for SqlTx {
    async fn add(&mut self, budget: &Budget) -> Result<(), StoreError> {
        self.add_budget(budget).await
    }

    async fn budgets(&mut self, ids: &[BudgetId]) -> Result<Vec<Budget>, StoreError> {
        self.find_budgets(ids).await
    }

    async fn is_free(&mut self, id: BudgetId) -> Result<bool, StoreError> {
        self.counters_are_free(id).await
    }

    async fn set_open(&mut self, id: BudgetId, open: bool) -> Result<bool, StoreError> {
        self.open_budget(id, open).await
    }

    async fn set_quota(
        &mut self,
        id: BudgetId,
        current: i64,
        target: i64,
    ) -> Result<bool, StoreError> {
        self.resize_quota(id, current, target).await
    }

    async fn set_total(
        &mut self,
        id: BudgetId,
        current: Fen,
        target: Fen,
    ) -> Result<bool, StoreError> {
        self.resize_total(id, current, target).await
    }

    async fn admit(&mut self, id: BudgetId, units: i64, amount: Fen) -> Result<bool, StoreError> {
        self.admit_reserves(id, units, amount).await
    }

    async fn hand_back(&mut self, id: BudgetId, units: i64, amount: Fen) -> Result<(), StoreError> {
        self.hand_back_reserves(id, units, amount).await
    }

    async fn note(&mut self, reserves: &[Reserve]) -> Result<Vec<bool>, StoreError> {
        self.note_reserves(reserves).await
    }

    async fn post(&mut self, postings: &[Posting]) -> Result<Vec<Posted>, StoreError> {
        self.post_each(postings).await
    }
}
