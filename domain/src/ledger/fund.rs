//! A fund is a budget whose subjects are budgets: what is approved below it is reserved in it, so
//! that approved budgets ≤ fund is the same guard as every other promise (V5). Where a district
//! keeps no fund, nobody calls this and budgets stand alone.

use chrono::{DateTime, Utc};

use super::{
    budget::Budget,
    ports::{LedgerRepository, Posted},
    postings::{Entry, Reserve},
};
use crate::{
    kernel::id::{BudgetId, SubjectId},
    store::StoreError,
};

/// Reserves a budget's whole total in the fund. After [`Posted::NoRoom`] the transaction must be
/// dropped.
pub async fn approve(
    ledger: &mut dyn LedgerRepository,
    fund: BudgetId,
    budget: &Budget,
    at: DateTime<Utc>,
) -> Result<Posted, StoreError> {
    let entry = Entry {
        budget_id: fund,
        subject_id: SubjectId::from_uuid(budget.id.uuid()),
        sequence: 0,
        at,
    };
    let amount = budget.total;
    let posted = ledger.post(&[Reserve { entry, amount }.into()]).await?;
    Ok(posted.first().copied().unwrap_or(Posted::Twice))
}
