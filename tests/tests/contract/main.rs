//! One suite per repository, run on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod checkup_day;
mod checkups;
mod idempotency;
mod identity;
mod membership;
mod migrations;
mod notices;
mod outbox;
mod stations;
mod uploads;
mod voucher_scans;
mod vouchers;
mod wish_life;
mod wishes;
