//! Servers that end with the test process: databases, Redis, the real binary, the real routes.

/// The binary under test, built once.
pub mod binary;
/// Fresh, migrated databases of both kinds.
pub mod database;
/// A throwaway PostgreSQL for this test process.
pub mod postgres;
/// The real binary as child processes.
pub mod process;
/// A throwaway Redis of a test's own.
pub mod redis_server;
/// The real routes in this process, with as much behind them as a test wants.
pub mod routes;
/// A database in which nobody else can write for a while.
pub mod standstill;
/// Child servers that cannot outlive the test process.
pub mod throwaway;
/// Two processes on one database.
pub mod two_processes;
