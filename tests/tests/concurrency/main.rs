//! Limited things under N parallel callers over two processes, each with a control that must fail
//! unguarded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod checkups;
mod crowd;
mod identity;
mod jobs;
mod ledger;
mod membership;
mod processes;
mod settlements;
mod tasks;
mod vouchers;
mod wishes;
