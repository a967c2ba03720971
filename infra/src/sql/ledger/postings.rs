//! The rows of the ledger. Their key (subject, kind, sequence) refuses to book anything twice; a
//! call writes all of its rows by one statement, and the counters of each budget by another, in the
//! order of the budgets' ids, as everybody who moves several counters does it.

use std::collections::{BTreeMap, HashSet};

use niangjia_domain::{
    kernel::id::BudgetId,
    ledger::{Moves, Posted, Posting, postings::Reserve},
    store::StoreError,
};
use uuid::Uuid;

use super::counters::unmoved;
use crate::sql::db::{
    bulk::{Cells, Rows, cell},
    store::SqlTx,
};

const INSERT: &str = "\
    INSERT INTO ledger_postings (subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at) \
    SELECT subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at FROM {rows} WHERE TRUE \
    ON CONFLICT (subject_id, kind, sequence) DO NOTHING RETURNING subject_id, kind, sequence";

type Key = (Uuid, String, i32);

impl SqlTx {
    pub(super) async fn post_each(&self, postings: &[Posting]) -> Result<Vec<Posted>, StoreError> {
        let new = self.write_down(postings).await?;
        let mut sums: BTreeMap<Uuid, Moves> = BTreeMap::new();
        for (posting, _) in postings.iter().zip(&new).filter(|(_, new)| **new) {
            add(
                sums.entry(posting.entry().budget_id.uuid()).or_default(),
                posting.moves(),
            );
        }
        let mut refused = HashSet::new();
        for (budget, moves) in sums {
            if !self
                .move_counters(BudgetId::from_uuid(budget), moves)
                .await?
            {
                refused.insert(budget);
            }
        }
        let outcome = |(posting, new): (&Posting, bool)| match new {
            false => Posted::Twice,
            true if refused.contains(&posting.entry().budget_id.uuid()) => Posted::NoRoom,
            true => Posted::Done,
        };
        Ok(postings.iter().zip(new).map(outcome).collect())
    }

    /// For callers whose own rows decided already: every posting is new and fits, or the books are
    /// wrong and nothing may be committed.
    pub(crate) async fn post_all(&self, postings: &[Posting]) -> Result<(), StoreError> {
        let posted = self.post_each(postings).await?;
        match posted.iter().all(|one| *one == Posted::Done) {
            true => Ok(()),
            false => Err(unmoved()),
        }
    }

    pub(crate) async fn note_reserves(
        &self,
        reserves: &[Reserve],
    ) -> Result<Vec<bool>, StoreError> {
        let postings: Vec<_> = reserves.iter().copied().map(Posting::from).collect();
        self.write_down(&postings).await
    }

    /// Of each posting whether its row is new. Of two alike in one call, the first is.
    async fn write_down(&self, postings: &[Posting]) -> Result<Vec<bool>, StoreError> {
        let mut new = HashSet::new();
        for row in self.query_rows(INSERT, [], rows(postings)).await? {
            let key: Key = (
                cell(&row, "subject_id")?,
                cell(&row, "kind")?,
                cell(&row, "sequence")?,
            );
            new.insert(key);
        }
        Ok(postings
            .iter()
            .map(|posting| new.remove(&key(posting)))
            .collect())
    }
}

fn key(posting: &Posting) -> Key {
    let entry = posting.entry();
    (
        entry.subject_id.uuid(),
        posting.kind().to_owned(),
        entry.sequence,
    )
}

fn add(sum: &mut Moves, moves: Moves) {
    sum.units = sum.units.saturating_add(moves.units);
    sum.reserved_fen = sum.reserved_fen.saturating_add(moves.reserved_fen);
    sum.spent_fen = sum.spent_fen.saturating_add(moves.spent_fen);
}

fn rows(postings: &[Posting]) -> Rows {
    let each = || postings.iter();
    Rows::default()
        .uuids("subject_id", each().map(|it| it.entry().subject_id.uuid()))
        .texts("kind", each().map(|it| it.kind().to_owned()))
        .numbers("sequence", each().map(|it| i64::from(it.entry().sequence)))
        .uuids("budget_id", each().map(|it| it.entry().budget_id.uuid()))
        .numbers("reserved_fen", each().map(|it| it.moves().reserved_fen))
        .numbers("spent_fen", each().map(|it| it.moves().spent_fen))
        .with("at", Cells::Times(each().map(|it| it.entry().at).collect()))
}
