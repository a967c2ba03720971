//! What can be measured about the house: its arrows and its tree, sizes and names, the invariants
//! and documents that must stay true, and the licences of what it is built from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrows;
mod documents;
mod house;
mod invariants;
mod licences;
mod metadata;
mod names;
mod sizes;
mod test_code;
mod tree;
mod uses;
