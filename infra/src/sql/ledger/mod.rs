//! The only place that writes budgets and postings: the repositories of the contexts call what is
//! here, inside their own transactions.

mod budgets;
mod counters;
mod entity;
mod postings;
mod repository;
