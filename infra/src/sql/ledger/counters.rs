//! The one statement that moves the counters of a budget. It repeats the rule of
//! `Budget::after`, and its row keeps everybody else out until the transaction ends.

use niangjia_domain::{
    kernel::{Fen, id::BudgetId},
    ledger::Moves,
    store::StoreError,
};

use sea_orm::{ConnectionTrait, DbBackend};

use crate::sql::db::{error::store_error, store::SqlTx};

/// What may be promised needs an open budget; what was promised moves on either way.
const MOVE: &str = "\
    UPDATE ledger_budgets \
    SET issued = issued + $2, reserved_fen = reserved_fen + $3, spent_fen = spent_fen + $4 \
    WHERE budget_id = $1 AND issued + $2 BETWEEN 0 AND quota AND (open OR $2 <= 0) \
      AND reserved_fen + $3 >= 0 AND spent_fen + $4 >= 0 \
      AND reserved_fen + spent_fen + $3 + $4 <= budget_fen";

impl SqlTx {
    /// `false` when the budget does not take it, and then nothing has moved.
    pub(super) async fn move_counters(
        &self,
        id: BudgetId,
        moves: Moves,
    ) -> Result<bool, StoreError> {
        let values = [
            id.uuid().into(),
            moves.units.into(),
            moves.reserved_fen.into(),
            moves.spent_fen.into(),
        ];
        let moved = self.run(MOVE, values).await;
        Ok(moved.map_err(|error| error.at(id.uuid()))? > 0)
    }

    /// Whether the counters can be written within a tenth of a second.
    pub(super) async fn counters_are_free(&self, id: BudgetId) -> Result<bool, StoreError> {
        // SQLite's one writer is this transaction.
        if self.backend() != DbBackend::Postgres {
            return Ok(true);
        }
        self.db()
            .execute_unprepared("SET LOCAL lock_timeout = '100ms'")
            .await
            .map_err(store_error)?;
        let sql = "UPDATE ledger_budgets SET open = open WHERE budget_id = $1";
        match self.run(sql, [id.uuid().into()]).await {
            Ok(_) => Ok(true),
            Err(StoreError::Locked { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    pub(crate) async fn admit_reserves(
        &self,
        id: BudgetId,
        units: i64,
        amount: Fen,
    ) -> Result<bool, StoreError> {
        let moves = Moves {
            units,
            reserved_fen: amount.get(),
            spent_fen: 0,
        };
        self.move_counters(id, moves).await
    }

    pub(crate) async fn hand_back_reserves(
        &self,
        id: BudgetId,
        units: i64,
        amount: Fen,
    ) -> Result<(), StoreError> {
        let moves = Moves {
            units: -units,
            reserved_fen: -amount.get(),
            spent_fen: 0,
        };
        match self.move_counters(id, moves).await? {
            true => Ok(()),
            // More than was admitted.
            false => Err(unmoved()),
        }
    }
}

/// The counters contradict what is to be booked.
pub(super) fn unmoved() -> StoreError {
    StoreError::Conflict {
        constraint: "ledger_budgets".to_owned(),
    }
}
