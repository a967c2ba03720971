//! The HTTP server and command line: turns requests into use cases and their outcomes into answers.

pub mod cli;
/// Defaults → file → environment → flags, checked once.
pub mod config;
/// Demo data for development.
pub mod demo;
pub mod doctor;
pub mod http;
/// Background work under one leader per job.
pub mod jobs;
pub mod migrate;
pub mod process;
pub mod telemetry;
pub mod wiring;

mod audit;
mod checkups;
mod identity;
mod imports;
mod membership;
mod notices;
mod outbox;
mod settlements;
mod stations;
mod tasks;
mod uploads;
mod vouchers;
mod wishes;
