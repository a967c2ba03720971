//! Shapes of the tables, private to the repositories.

pub mod account;
pub mod account_grant;
pub mod audit_entry;
pub mod checkup_booking;
pub mod checkup_campaign;
pub mod checkup_session;
pub mod checkup_slot;
pub mod consent;
pub mod credential;
pub mod district;
pub mod idempotency_key;
pub mod invitation;
pub mod membership;
pub mod notice;
pub mod outbox_event;
pub mod person;
pub mod roster_row;
pub mod session;
pub mod station;
pub mod station_report;
pub mod union;
pub mod upload;
pub mod wish;
pub mod wish_claim;
pub mod wish_report;
