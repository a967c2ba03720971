//! Harness of the black-box suites: throwaway servers, fresh databases, the real application, one
//! town in which things happen, clients, stand-ins, and the tour. Nothing here is shipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Callers of use cases, made up.
pub mod actors;
/// `make bench`: the storms against the real release binary, beside their references.
pub mod bench;
/// A phone talking to the API.
pub mod client;
/// A clock that only tests move.
pub mod clock;
/// The demo's people over HTTP, and what they make.
pub mod demo_town;
/// Waiting for what happens by itself.
pub mod eventually;
/// Invented people with valid numbers.
pub mod people;
/// Photos as phones send them.
pub mod photo;
/// Where everything happens unless a test says otherwise.
pub mod places;
/// Tables of expected members, as offices hand them in.
pub mod rosters;
/// Rows without use cases behind them.
pub mod rows;
/// Servers that end with the test process: databases, Redis, the real binary.
pub mod servers;
/// WeChat, OSS and others as servers of our own.
pub mod stand_ins;
/// The main job, played against a running server.
pub mod tour;
/// One town on a database of its own, with every use case running and a clock that tests move.
pub mod town;
