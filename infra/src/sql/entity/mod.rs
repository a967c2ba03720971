//! Shapes of the tables, private to the repositories.

pub mod audit_entry;
pub mod consent;
pub mod district;
pub mod idempotency_key;
pub mod membership;
pub mod outbox_event;
pub mod person;
pub mod person_meal;
pub mod redemption;
pub mod refused_scan;
pub mod roster_row;
pub mod station;
pub mod station_report;
pub mod union;
pub mod voucher;
pub mod voucher_batch;
pub mod voucher_burnt_step;
pub mod voucher_counter;
pub mod voucher_ledger;
pub mod voucher_secret;
pub mod voucher_short_code;
pub mod voucher_slot;
