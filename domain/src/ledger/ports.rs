//! What the engine needs from a database. Methods take many postings and answer each of them, in
//! order; races are decided by conditional updates of the budgets' counters and by the postings'
//! key.

use async_trait::async_trait;

use super::{
    budget::Budget,
    postings::{Posting, Reserve},
};
use crate::{
    kernel::{Fen, id::BudgetId},
    store::StoreError,
};

/// What became of one posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    Done,
    /// It was booked before; nothing moved.
    Twice,
    /// The budget is shut, has no room, or a counter would go below zero. All new postings of the
    /// call about this budget are answered so, and the transaction must be dropped.
    NoRoom,
}

#[async_trait]
pub trait LedgerRepository: Send {
    /// Adds a budget as it is.
    async fn add(&mut self, budget: &Budget) -> Result<(), StoreError>;
    /// In no particular order; unknown ids are left out.
    async fn budgets(&mut self, ids: &[BudgetId]) -> Result<Vec<Budget>, StoreError>;
    /// Opens or shuts it; `false` when there is none.
    async fn set_open(&mut self, id: BudgetId, open: bool) -> Result<bool, StoreError>;
    /// Compare-and-set; `false` when the quota is not `current` or more than `target` are issued
    /// (V5).
    async fn set_quota(
        &mut self,
        id: BudgetId,
        current: i64,
        target: i64,
    ) -> Result<bool, StoreError>;
    /// Compare-and-set; `false` when the total is not `current` or more than `target` is reserved
    /// or spent (V5).
    async fn set_total(
        &mut self,
        id: BudgetId,
        current: Fen,
        target: Fen,
    ) -> Result<bool, StoreError>;
    /// Whether the counters can be written within a tenth of a second; `false`: somebody holds
    /// them. The transaction serves nothing else, and is not committed.
    async fn is_free(&mut self, id: BudgetId) -> Result<bool, StoreError>;
    /// Takes room for several reserves before it is known whose they will be; the transaction then
    /// keeps all others out until it ends. `false`, and nothing taken, when the budget is shut or
    /// they do not all fit.
    async fn admit(&mut self, id: BudgetId, units: i64, amount: Fen) -> Result<bool, StoreError>;
    /// Gives back, before the commit, what was admitted and found nobody.
    async fn hand_back(&mut self, id: BudgetId, units: i64, amount: Fen) -> Result<(), StoreError>;
    /// Writes down reserves that were admitted. For each whether it is new.
    async fn note(&mut self, reserves: &[Reserve]) -> Result<Vec<bool>, StoreError>;
    /// Books postings, each once, and moves the counters of their budgets.
    async fn post(&mut self, postings: &[Posting]) -> Result<Vec<Posted>, StoreError>;
}
