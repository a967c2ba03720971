//! Limited things under N parallel callers over two processes, each with a control that must fail unguarded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod checkups;
mod identity;
mod membership;
mod processes;
mod vouchers;
mod wishes;
