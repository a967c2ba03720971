//! The HTTP server and command line: turns requests into use cases and their outcomes into answers.

/// Defaults → file → environment → flags, checked once.
pub mod config;
pub mod extract;
pub mod observe;
pub mod openapi;
pub mod problem;
pub mod readiness;
pub mod reply;
pub mod routes;
pub mod server;
pub mod wiring;

mod stations;
