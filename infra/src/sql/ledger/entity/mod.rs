//! Shapes of the tables, private to the engine.

pub(super) mod ledger_budget;
