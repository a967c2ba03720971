//! Shapes of the tables, private to the repositories.

pub mod audit_entry;
pub mod consent;
pub mod district;
pub mod idempotency_key;
pub mod membership;
pub mod outbox_event;
pub mod person;
pub mod roster_row;
pub mod station;
pub mod station_report;
pub mod union;
