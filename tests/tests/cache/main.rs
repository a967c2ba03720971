//! One suite for both implementations of the cache ports, and what Redis does to them when it
//! misbehaves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Both implementations, by name.
mod backend;
mod entries;
mod limits;
mod outage;
mod values;
