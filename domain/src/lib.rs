//! Niangjia's rules: what the unions promise workers, donors, station staff and cadres.
//!
//! Everything here is pure. Time, randomness, storage, WeChat and object stores are ports (traits)
//! that `infra` implements; nothing in this crate opens a socket, reads a clock or draws a random
//! number by itself.

/// Words every context shares: ids, actors, money, phones, dates, pages, idempotency, cache.
pub mod kernel;
/// `Store` and `Tx`: the unit of work, and the table of contents of all repositories.
pub mod store;

/// Append-only record of who did what, written in the transaction of the change itself.
pub mod audit;
/// Tables that offices hand in: dry run, row errors, progress; goes on after a crash.
pub mod imports;
/// One leader per background job, by a lease in the database.
pub mod jobs;
/// Things to deliver after commit, written in the transaction of the change itself.
pub mod outbox;
/// What a person must decide by a due time: assignment, working days, reminders, escalation.
pub mod tasks;

/// Budgets and postings: reserve, spend, reverse, release, adjust, each once.
pub mod ledger;

/// Accounts, sessions, passwords, invitations: who is calling, and in what role.
pub mod identity;
/// Persons, unions, rosters, applications and standing: joining the union in one tap.
pub mod membership;
/// The inbox: every notice lands there.
pub mod notices;
/// Worker stations: where, open now?, what they have.
pub mod stations;
/// Photos on their way from a phone to the private object store.
pub mod uploads;
/// Micro-wishes from draft to thanks, and the donors' claims on them.
pub mod wishes;

/// Mobile health checks: campaigns, sessions, slots and bookings.
pub mod checkups;
/// What stations are paid: sheets from freeze to payment, adjustments, exports.
pub mod settlements;
/// Meal vouchers: batches, claims, rotating codes, redemptions.
pub mod vouchers;
