//! Black-box tests of the HTTP API against the real server on port 0, on both databases.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod bad_input;
mod checkups;
mod coverage;
mod dead_letters;
mod identity;
mod imports;
mod membership;
mod notices;
mod settlements;
mod stations;
mod tasks;
mod uploads;
mod vouchers;
mod wishes;
