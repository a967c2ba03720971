//! Harness of the black-box suites: throwaway servers, fresh databases, the real application, clients, stand-ins, and
//! the tour. Nothing here is shipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Builders of health checks.
pub mod checkups;
/// A phone talking to the API.
pub mod client;
/// A clock that tests move.
pub mod clock;
/// Fresh, migrated databases of both kinds.
pub mod database;
/// Identity with a moved clock, as a service and over HTTP.
pub mod identity;
/// Invented people with valid numbers.
pub mod people;
/// Photos as phones send them.
pub mod photo;
/// A throwaway PostgreSQL for this test process.
pub mod postgres;
/// The real binary as child processes.
pub mod process;
/// A throwaway Redis of a test's own.
pub mod redis_server;
/// Child servers that cannot outlive the test process.
pub mod throwaway;
/// The main job, played against a running server.
pub mod tour;
/// A WeChat that can be told to misbehave.
pub mod wechat_stand_in;
