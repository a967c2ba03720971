//! Accounts: made, shown, tied to a phone.

pub mod account;
pub mod ports;

pub(crate) mod create;
pub(crate) mod set_phone;
pub(crate) mod view;
