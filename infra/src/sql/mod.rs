//! PostgreSQL and SQLite through sea-orm. `SqlTx` implements every repository trait, each in a file of its own; the
//! shapes in `entity/` are private to this folder.

mod connection;
mod entity;
mod error;
mod inspect;
mod migrate;
mod rows;
mod sealed;
mod store;

mod audit;
mod idempotency;
mod outbox;

mod accounts;
mod applications;
mod bookings;
mod campaigns;
mod checkup_rows;
mod consents;
mod credentials;
mod grant_columns;
mod grants;
mod invitations;
mod membership_rows;
mod memberships;
mod notices;
mod persons;
mod redemption_accept;
mod redemptions;
mod rosters;
mod sessions;
mod sign_in_failures;
mod stations;
mod unions;
mod uploads;
mod voucher_batch_rows;
mod voucher_batches;
mod voucher_codes;
mod voucher_issue;
mod voucher_tally;
mod vouchers;
mod wish_claims;
mod wishes;

pub use connection::{DatabaseSettings, connect};
pub use inspect::{DatabaseFacts, inspect};
pub use migrate::{Step, migrate, steps};
pub use store::{SqlStore, SqlTx};
