//! Shapes of the tables, private to the repositories.

pub mod audit_entry;
pub mod idempotency_key;
pub mod outbox_event;
pub mod station;
pub mod station_report;
