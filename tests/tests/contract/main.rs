//! One suite per repository, run on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod audit_search;
mod checkup_day;
mod checkups;
mod collusion;
mod idempotency;
mod identity;
mod imports;
mod jobs;
mod ledger;
mod many_rows;
mod membership;
mod migrations;
mod notices;
mod offline_uploads;
mod outbox;
mod reconciliation;
mod retention;
mod review_queues;
mod scan_packs;
mod settlement_life;
mod settlement_suspicion;
mod settlements;
mod station_devices;
mod stations;
mod task_clock;
mod tasks;
mod uploads;
mod voucher_budget;
mod voucher_claims;
mod voucher_draws;
mod voucher_grants;
mod voucher_recalls;
mod voucher_scan_groups;
mod voucher_scan_rules;
mod voucher_scans;
mod voucher_statements;
mod vouchers;
mod wish_life;
mod wishes;
