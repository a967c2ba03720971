//! What a measurement runs against: servers, keys, people, and what they own already.

pub(super) mod history;
pub(super) mod keys;
pub(super) mod people;
mod release;
pub(super) mod rows;
pub(super) mod stage;
pub(super) mod wallets;
