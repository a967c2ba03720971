//! Shapes of the tables, private to the repositories.

pub mod account;
pub mod account_grant;
pub mod audit_entry;
pub mod credential;
pub mod idempotency_key;
pub mod invitation;
pub mod outbox_event;
pub mod session;
pub mod station;
pub mod station_report;
