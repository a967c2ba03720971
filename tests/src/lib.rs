//! Harness of the black-box suites: throwaway servers, fresh databases, the real application, clients, stand-ins.
//! Nothing here is shipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Fresh, migrated databases of both kinds.
pub mod database;
/// A throwaway PostgreSQL for this test process.
pub mod postgres;
/// A throwaway Redis of a test's own.
pub mod redis_server;
/// Child servers that cannot outlive the test process.
pub mod throwaway;
/// A WeChat that can be told to misbehave.
pub mod wechat_stand_in;
