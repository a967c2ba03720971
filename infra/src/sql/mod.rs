//! PostgreSQL and SQLite through sea-orm. `SqlTx` implements every repository trait, folder
//! by folder as `domain` has them; each keeps the shapes of its tables in `entity/`.

mod audit;
mod checkups;
mod db;
mod idempotency;
mod identity;
mod imports;
mod jobs;
mod ledger;
mod membership;
mod notices;
mod outbox;
mod settlements;
mod stations;
mod tasks;
mod uploads;
mod vouchers;
mod wishes;

pub use db::connection::{DatabaseSettings, Patience, connect};
pub use db::inspect::{DatabaseFacts, inspect};
pub use db::migrate::{Step, migrate, steps};
pub use db::store::{SqlStore, SqlTx};
