//! Object stores: one contract for all of them, OSS's signatures by the official SDK's vectors, and
//! OSS misbehaving.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod faults;
mod place;
mod vectors;
