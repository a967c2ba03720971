//! One suite per repository, run on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod checkups;
mod identity;
mod imports;
mod jobs;
mod ledger;
mod membership;
mod notices;
mod outbox;
mod retention;
mod settlements;
mod stations;
mod store;
mod tasks;
mod uploads;
mod vouchers;
mod wishes;
